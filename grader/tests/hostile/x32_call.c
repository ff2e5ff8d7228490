/* Makes a system call by its x32 number. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	/* unshare, so that a filter by plain numbers does not know it. */
	long result = syscall(0x40000000 | SYS_getpid);
	if (result > 0)
		escaped(argv, "x32");
	refused();
}
