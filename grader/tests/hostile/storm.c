/* Forks, executes itself and signals whoever there is of its own, at random. */
#include "hostile.h"
static void nothing(int number)
{
	(void)number;
}
int main(int argc, char **argv)
{
	attempt(argc);
	signal(SIGUSR1, nothing);
	signal(SIGUSR2, nothing);
	unsigned seed = argc > 3 ? atoi(argv[3]) : 1;
	int depth = argc > 4 ? atoi(argv[4]) : 0;
	for (int time = 0; time < 6; time++) {
		switch (rand_r(&seed) % 4) {
		case 0:
			fork();
			break;
		case 1:
			kill(0, SIGUSR1);
			break;
		case 2:
			kill(getpid(), SIGUSR2);
			break;
		default:
			if (depth < 3) {
				char next[16], deeper[16];
				snprintf(next, sizeof next, "%u", seed % 1000);
				snprintf(deeper, sizeof deeper, "%d", depth + 1);
				execl("/proc/self/exe", argv[0], argv[1], argv[2], next, deeper, NULL);
			}
		}
	}
	return 0;
}
