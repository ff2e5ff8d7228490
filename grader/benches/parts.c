/* Does one thing N times, so that its cost is the slope over N.
 * Arguments: FILE WHAT N. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int *shared;

/* fork, exit and wait. */
static void process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	waitpid(pid, 0, 0);
}

static void once(const char *what, int fd, int i)
{
	if (strcmp(what, "stop") == 0)
		fcntl(0, F_GETFD);
	else if (strcmp(what, "write") == 0 && write(fd, "x", 1) != 1)
		_exit(1);
	else if (strcmp(what, "process") == 0 || strcmp(what, "process-shared") == 0)
		process();
	else if (strcmp(what, "load") == 0)
		(void)shared[0];
	else if (strcmp(what, "store") == 0)
		shared[0] = i;
	else if (strcmp(what, "row") == 0)
		for (int j = 0; j < 16; j++)
			shared[j] = shared[j + 16];
	else if (strcmp(what, "update") == 0)
		__atomic_fetch_add(shared, i, __ATOMIC_SEQ_CST);
}

int main(int argc, char **argv)
{
	const char *sharing[] = { "load", "store", "row", "update",
				  "process-shared" };
	int fd = -1;

	if (argc != 4)
		return 2;
	if (strcmp(argv[2], "nothing") == 0)
		return 0;
	for (int i = 0; i < 5; i++) {
		if (strcmp(argv[2], sharing[i]) != 0)
			continue;
		shared = mmap(0, 4096, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (shared == MAP_FAILED)
			return 1;
	}
	/* What comes before the first call that others can notice is not done
	 * again in every execution, and shared memory is only watched once
	 * there are two processes. */
	process();
	if (strcmp(argv[2], "write") == 0)
		fd = open(argv[1], O_WRONLY | O_CREAT | O_APPEND, 0644);
	for (int i = 0; i < atoi(argv[3]); i++)
		once(argv[2], fd, i);
	return 0;
}
