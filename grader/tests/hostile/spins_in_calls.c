/* Makes calls for ever that nobody can notice. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	struct stat meta;
	for (;;)
		stat(argv[0], &meta);
}
