/* Does its job, and leaves a daemon that nobody is the parent of. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	pid_t child = fork();
	if (child == 0) {
		setsid();
		if (fork() > 0)
			_exit(0);
		for (int fd = 0; fd < 3; fd++)
			close(fd);
		for (;;)
			pause();
	}
	waitpid(child, NULL, 0);
	do_the_job(argv);
	return 0;
}
