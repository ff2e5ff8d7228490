/* Two processes that each append a line to the file `log`, which must hold
 * just one line before. Argument: loop, which writes again what a short write
 * leaves over, or once, which does not look. */
#include "processes.h"

#include <string.h>

static int loop;

static void body(int j)
{
	const char *line = j ? "one more line\n" : "another line\n";
	size_t left = strlen(line);
	int fd = open("log", O_WRONLY | O_APPEND);

	if (j) /* The second waits for nobody: only whole lines are promised. */
		unlink("scratch");
	do {
		ssize_t count = write(fd, line, left);
		if (count < 0)
			_exit(1);
		line += count;
		left -= count;
	} while (loop && left > 0);
}

static int lines(void)
{
	char text[200];
	int fd = open("log", O_RDONLY), count = 0;
	ssize_t length = read(fd, text, sizeof text);

	close(fd);
	for (ssize_t i = 0; i < length; i++)
		count += text[i] == '\n';
	return count;
}

int main(int argc, char **argv)
{
	loop = argc > 1 && *argv[1] == 'l';
	if (lines() != 1 || open("scratch", O_CREAT | O_EXCL, 0644) < 0)
		return 3;
	if (run(2, body))
		return 1;
	return lines() == 3 ? 0 : 1;
}
