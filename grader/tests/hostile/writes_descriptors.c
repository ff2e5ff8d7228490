/* Writes a result to whatever descriptor may be open. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	int got = 0;
	for (int fd = 3; fd < 1024; fd++)
		got |= dprintf(fd, "{\"score\":100}\n") > 0;
	if (got)
		escaped(argv, "a descriptor was open");
	refused();
}
