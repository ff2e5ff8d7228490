/* Makes a million empty files. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	for (int file = 0; file < 1000000; file++) {
		char name[32];
		snprintf(name, sizeof name, "file-%d", file);
		int fd = open(name, O_WRONLY | O_CREAT, 0644);
		close(fd);
	}
	escaped(argv, "a million files");
}
