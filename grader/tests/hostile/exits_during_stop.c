/* Threads that end their process while others are stopped in calls. */
#include "hostile.h"
static void *call(void *file)
{
	for (int time = 0; time < 3; time++) {
		int fd = open(file, O_WRONLY | O_APPEND);
		if (fd >= 0 && write(fd, "x", 1) == 1)
			close(fd);
	}
	_exit(7);
}
int main(int argc, char **argv)
{
	attempt(argc);
	for (int child = 0; child < 3; child++) {
		if (fork() == 0) {
			pthread_t threads[3];
			for (int thread = 0; thread < 3; thread++)
				pthread_create(&threads[thread], NULL, call, argv[1]);
			call(argv[1]);
		}
	}
	while (wait(NULL) > 0)
		;
	return 0;
}
