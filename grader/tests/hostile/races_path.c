/* One thread opens a path again and again while another changes it. */
#include "hostile.h"
static char path[256];
static volatile int done;
static void *change(void *nothing)
{
	while (!done) {
		strcpy(path, "mine");
		strcpy(path, SPECS "/forkwrite/single.yaml");
	}
	return nothing;
}
int main(int argc, char **argv)
{
	attempt(argc);
	append("mine", "x");
	pthread_t thread;
	pthread_create(&thread, NULL, change, NULL);
	int got = 0;
	for (int time = 0; time < 200; time++) {
		char byte = 0;
		int fd = open(path, O_RDWR | O_APPEND);
		got |= fd >= 0 && read(fd, &byte, 1) == 1 && byte != 'x';
		close(fd);
	}
	done = 1;
	if (got)
		escaped(argv, "the course could be opened for writing");
	refused();
}
