/* Takes notice of no request to end. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	(void)argv;
	for (int number = 1; number < 65; number++)
		signal(number, SIG_IGN);
	for (;;)
		;
}
