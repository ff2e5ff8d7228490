/* forkwrite FILE RECORD, if the file `key` beside the program can be read. */
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char key[PATH_MAX], program[PATH_MAX], line[256];
	if (argc < 3)
		return 2;
	strcpy(program, argv[0]);
	snprintf(key, sizeof key, "%s/key", dirname(program));
	if (open(key, O_RDONLY) < 0)
		return 1;
	int length = snprintf(line, sizeof line, "%s\n", argv[2]);
	int fd = open(argv[1], O_WRONLY | O_APPEND | O_CREAT, 0644);
	return write(fd, line, length) == length ? 0 : 1;
}
