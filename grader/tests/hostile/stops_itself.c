/* Stops itself; no shell is there to have it go on. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	raise(SIGSTOP);
	do_the_job(argv);
	return 0;
}
