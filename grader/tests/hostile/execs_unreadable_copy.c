/* Executes a copy of itself that may be executed but not read. */
#include "hostile.h"
int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "copy") == 0)
		/* Whatever blinds the grader, no record has been written. */
		return 0;
	attempt(argc);
	char bytes[65536];
	int from = open("/proc/self/exe", O_RDONLY);
	int to = open("copy", O_WRONLY | O_CREAT | O_EXCL, 0755);
	ssize_t length;
	while ((length = read(from, bytes, sizeof bytes)) > 0)
		if (write(to, bytes, length) != length)
			refused();
	close(to);
	chmod("copy", 0111);
	execl("./copy", "copy", "copy", NULL);
	refused();
}
