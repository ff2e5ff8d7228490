/* lastzero(N): process j sets array[j] = array[j-1] + 1; process 0 looks from N
 * down for the first zero. (N+3) * 2^(N-2) classes. */
#include "processes.h"

static volatile int *array;
static int n;

static void body(int j)
{
	if (j == 0) {
		int i = n;
		while (array[i] != 0)
			i--;
	} else {
		array[j] = array[j - 1] + 1;
	}
}

int main(int argc, char **argv)
{
	n = number(argc, argv);
	array = shared_memory();
	return run(n + 1, body);
}
