/* Asks for ten gigabytes at once. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	char *memory = malloc((size_t)10 << 30);
	if (!memory)
		refused();
	memset(memory, 1, (size_t)10 << 30);
	escaped(argv, "ten gigabytes");
}
