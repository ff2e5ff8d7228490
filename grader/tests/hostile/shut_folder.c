/* Does its job, and leaves folders behind that nobody may enter. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	mkdir("shut", 0700);
	mkdir("shut/inner", 0700);
	append("shut/inner/file", "text");
	chmod("shut/inner", 0);
	chmod("shut", 0);
	chmod(".", 0);
	do_the_job(argv);
	return 1;
}
