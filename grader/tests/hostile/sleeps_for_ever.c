/* Sleeps an hour, again and again. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	(void)argv;
	for (;;)
		sleep(3600);
}
