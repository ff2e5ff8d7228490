/* Two processes that both need a value which the first to come makes, by
 * double-checked initialisation. Arguments: right or wrong; the wrong one says
 * that the value is there before it is. Exit status 0 if both saw the value. */
#include "processes.h"

#include <pthread.h>

static struct {
	volatile int ready;
	volatile int value;
	pthread_mutex_t mutex;
} *shared;
static int right;

static void body(int j)
{
	(void)j;
	if (!shared->ready) {
		pthread_mutex_lock(&shared->mutex);
		if (!shared->ready) {
			if (right) {
				shared->value = 42;
				shared->ready = 1;
			} else {
				shared->ready = 1;
				shared->value = 42;
			}
		}
		pthread_mutex_unlock(&shared->mutex);
	}
	if (shared->value != 42)
		_exit(1);
}

int main(int argc, char **argv)
{
	pthread_mutexattr_t attributes;

	right = argc > 1 && *argv[1] == 'r';
	shared = (void *)shared_memory();
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->mutex, &attributes);
	return run(2, body);
}
