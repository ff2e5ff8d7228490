/* Has ten gigabytes of memory, and uses them. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	for (int piece = 0; piece < 160; piece++) {
		char *memory = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (memory == MAP_FAILED)
			refused();
		memset(memory, 1, 64 << 20);
	}
	escaped(argv, "ten gigabytes");
}
