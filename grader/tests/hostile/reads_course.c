/* Reads what the course keeps to itself: its scenarios and its solution. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	char byte;
	const char *paths[] = { SPECS "/forkwrite/single.yaml", SOLUTION "/src/lib.rs" };
	for (int path = 0; path < 2; path++) {
		int fd = open(paths[path], O_RDONLY);
		if (fd >= 0 && read(fd, &byte, 1) == 1)
			escaped(argv, "the course could be read");
	}
	refused();
}
