/* Does its job, and leaves a daemon that holds its output open. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	if (fork() == 0) {
		setsid();
		for (;;)
			pause();
	}
	do_the_job(argv);
	return 0;
}
