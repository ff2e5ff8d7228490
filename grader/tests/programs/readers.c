/* readers(N): one process writes x, N others read it and then write a cell of
 * their own; the parent only forks and waits for each. 2^N classes. */
#include "processes.h"

static volatile int *shared;
static int n;

static void body(int j)
{
	if (j == 0) {
		shared[0] = 1;
	} else {
		int seen = shared[0];
		shared[j] = seen + 1;
	}
}

int main(int argc, char **argv)
{
	n = number(argc, argv);
	shared = shared_memory();
	return run(n + 1, body);
}
