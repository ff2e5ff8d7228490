/* Forks without end, each child in a session of its own. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	(void)argv;
	for (;;)
		if (fork() == 0)
			setsid();
}
