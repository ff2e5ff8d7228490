/* Ways to end badly. Argument: deadlock, abort, leave, loop or status. */
#include "processes.h"

#include <pthread.h>

static pthread_mutex_t *mutexes;

static void body(int j)
{
	pthread_mutex_lock(&mutexes[j]);
	pthread_mutex_lock(&mutexes[1 - j]);
	pthread_mutex_unlock(&mutexes[1 - j]);
	pthread_mutex_unlock(&mutexes[j]);
}

int main(int argc, char **argv)
{
	char how = argc > 1 ? *argv[1] : 'd';
	pthread_mutexattr_t attributes;

	mutexes = (void *)shared_memory();
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&mutexes[0], &attributes);
	pthread_mutex_init(&mutexes[1], &attributes);
	if (how == 'd')
		return run(2, body);
	if (how == 'a')
		abort();
	if (how == 'l' && argv[1][1] == 'e' && fork() == 0)
		for (;;)
			pause();
	if (how == 'l' && argv[1][1] == 'o')
		for (;;)
			;
	return how == 's' ? 3 : 0;
}
