/* Writes where results, temporary files and the user's own are kept. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	const char *paths[] = {
		WITNESSES "/single.witness", CANARIES "/home/.profile", CANARIES "/beside",
		SPECS "/forkwrite/single.yaml", CANARIES "/temporary/new",
	};
	int got = 0;
	for (int path = 0; path < 5; path++) {
		int fd = open(paths[path], O_WRONLY | O_CREAT | O_APPEND, 0666);
		got |= fd >= 0 && write(fd, "owned", 5) == 5;
		got |= unlink(paths[path]) == 0;
	}
	if (got)
		escaped(argv, "something outside could be written");
	refused();
}
