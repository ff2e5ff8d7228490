/* Forks, executes itself and dies, of whatever, at points that its seed says.
 * The test writes another seed into each copy. */
#include "hostile.h"
static const char seed_text[] = "SEED:00000000";
int main(int argc, char **argv)
{
	attempt(argc);
	volatile const char *text = seed_text;
	unsigned seed = 0;
	for (int at = 5; at < 13; at++)
		seed = seed * 10 + (unsigned)(text[at] - '0');
	int depth = argc > 4 ? atoi(argv[4]) : 0;
	seed = seed * 31 + (argc > 3 ? (unsigned)atoi(argv[3]) : 0);
	for (int time = 0; time < 5; time++) {
		int file;
		switch (rand_r(&seed) % 9) {
		case 0:
		case 1:
			if (fork() == 0)
				seed += 7;
			break;
		case 2:
			if (depth < 3) {
				char next[16], deeper[16];
				snprintf(next, sizeof next, "%u", seed % 1000);
				snprintf(deeper, sizeof deeper, "%d", depth + 1);
				execl("/proc/self/exe", argv[0], argv[1], argv[2], next, deeper, NULL);
			}
			break;
		case 3:
			file = open(argv[1], O_WRONLY | O_APPEND | O_CREAT, 0644);
			if (file >= 0 && write(file, "half", 4) < 0)
				abort();
			break;
		case 4:
			raise(SIGKILL);
			break;
		case 5:
			*(volatile int *)8 = 1;
			break;
		case 6:
			wait(NULL);
			break;
		case 7:
			_exit(rand_r(&seed) % 3);
		default:
			if (vfork() == 0)
				_exit(0);
		}
	}
	return 0;
}
