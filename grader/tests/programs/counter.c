/* Two processes add 1 to a shared counter several times each. Arguments: how
 * often, and plain, locked or mutex. Exit status 0 if nothing was lost. */
#include "processes.h"

#include <pthread.h>
#include <string.h>

static struct {
	volatile int value;
	pthread_mutex_t mutex;
} *shared;
static const char *how = "plain";
static int times;

static void body(int j)
{
	(void)j;
	for (int i = 0; i < times; i++) {
		if (*how == 'l') {
			__atomic_fetch_add(&shared->value, 1, __ATOMIC_SEQ_CST);
		} else if (*how == 'm') {
			pthread_mutex_lock(&shared->mutex);
			shared->value++;
			pthread_mutex_unlock(&shared->mutex);
		} else {
			shared->value++;
		}
	}
}

int main(int argc, char **argv)
{
	pthread_mutexattr_t attr;
	times = number(argc, argv);
	if (argc > 2)
		how = argv[2];
	shared = (void *)shared_memory();
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->mutex, &attr);
	int status = run(2, body);
	return status ? status : shared->value != 2 * times;
}
