/* Two processes append k times each: to one file C(2k, k) classes, to a file
 * each 1. Arguments: K one|each. */
#include "processes.h"

#include <string.h>

static int k, each;

static void body(int j)
{
	int fd = open(each && j ? "b" : "a", O_WRONLY | O_CREAT | O_APPEND, 0644);
	for (int i = 0; i < k; i++)
		if (write(fd, "x\n", 2) != 2)
			_exit(1);
}

int main(int argc, char **argv)
{
	k = number(argc, argv);
	each = argc > 2 && strcmp(argv[2], "each") == 0;
	/* Made beforehand: making a file is a step of its own. */
	close(open("a", O_WRONLY | O_CREAT, 0644));
	close(open("b", O_WRONLY | O_CREAT, 0644));
	return run(2, body);
}
