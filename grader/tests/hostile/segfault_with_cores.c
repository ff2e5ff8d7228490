/* Crashes where a core file would be written. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	(void)argv;
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	setrlimit(RLIMIT_CORE, &all);
	volatile int *nowhere = NULL;
	return *nowhere;
}
