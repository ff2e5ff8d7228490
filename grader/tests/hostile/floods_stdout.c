/* Prints without end. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	(void)argv;
	for (;;)
		puts("Lorem ipsum dolor sit amet, consectetur adipiscing elit.");
}
