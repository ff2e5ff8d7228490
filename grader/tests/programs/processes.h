/* What the programs here share: shared memory, forking, waiting by pid. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static inline int number(int argc, char **argv)
{
	return argc > 1 ? atoi(argv[1]) : 2;
}

static inline volatile int *shared_memory(void)
{
	void *at = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		_exit(9);
	return at;
}

/* Runs body(0) to body(count - 1), each in a process of its own. */
static inline int run(int count, void (*body)(int))
{
	pid_t pids[16];
	int failed = 0, status;
	for (int j = 0; j < count; j++) {
		pids[j] = fork();
		if (pids[j] == 0) {
			body(j);
			_exit(0);
		}
	}
	for (int j = 0; j < count; j++) {
		waitpid(pids[j], &status, 0);
		failed |= status != 0;
	}
	return failed;
}
