/* Writes files as large as they may be, one after the other. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	(void)argv;
	static char bytes[1 << 20];
	for (int file = 0;; file++) {
		char name[32];
		snprintf(name, sizeof name, "file-%d", file);
		int fd = open(name, O_WRONLY | O_CREAT, 0644);
		while (fd >= 0 && write(fd, bytes, sizeof bytes) > 0)
			;
		close(fd);
	}
}
