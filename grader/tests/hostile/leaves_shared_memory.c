/* Leaves shared memory of both kinds, for its next run to find. */
#include "hostile.h"
#include <sys/ipc.h>
#include <sys/shm.h>
#define KEY 0x48535450
int main(int argc, char **argv)
{
	attempt(argc);
	if (shmget(KEY, 4096, 0600) >= 0)
		escaped(argv, "System V memory of the run before");
	if (shm_open("/hostile-left", O_RDWR, 0600) >= 0)
		escaped(argv, "POSIX memory of the run before");
	shmget(KEY, 4096, IPC_CREAT | 0600);
	int fd = shm_open("/hostile-left", O_CREAT | O_RDWR, 0600);
	if (fd >= 0 && ftruncate(fd, 4096) != 0)
		refused();
	refused();
}
