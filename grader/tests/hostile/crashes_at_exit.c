/* Does its job, and crashes when that is done. */
#include "hostile.h"
static void crash(void)
{
	abort();
}
int main(int argc, char **argv)
{
	attempt(argc);
	atexit(crash);
	do_the_job(argv);
	return 0;
}
