/* Makes threads until there are no more to be had, and then goes on. */
#include "hostile.h"
static void *wait_for_ever(void *nothing)
{
	for (;;)
		pause();
	return nothing;
}
int main(int argc, char **argv)
{
	attempt(argc);
	(void)argv;
	pthread_attr_t small;
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 64 * 1024);
	for (;;) {
		pthread_t thread;
		pthread_create(&thread, &small, wait_for_ever, NULL);
	}
}
