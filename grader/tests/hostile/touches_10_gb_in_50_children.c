/* Ten gigabytes again, two hundred megabytes in each of fifty children. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	for (int child = 0; child < 50; child++) {
		if (fork() == 0) {
			volatile char *memory = malloc(200 << 20);
			for (size_t at = 0; memory && at < 200 << 20; at += 4096)
				memory[at] = 1;
			for (;;)
				pause();
		}
	}
	while (wait(NULL) > 0)
		;
	escaped(argv, "ten gigabytes");
}
