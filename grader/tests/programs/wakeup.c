/* One process waits for another on a condition variable. Arguments: right, or
 * wrong, which looks at the flag before it takes the mutex and so can miss the
 * signal (a lost wake-up). */
#include "processes.h"

#include <pthread.h>

static struct {
	volatile int flag;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
} *shared;
static int right;

static void waiter(void)
{
	if (right) {
		pthread_mutex_lock(&shared->mutex);
		while (!shared->flag)
			pthread_cond_wait(&shared->changed, &shared->mutex);
		pthread_mutex_unlock(&shared->mutex);
	} else if (!shared->flag) {
		pthread_mutex_lock(&shared->mutex);
		pthread_cond_wait(&shared->changed, &shared->mutex);
		pthread_mutex_unlock(&shared->mutex);
	}
}

static void body(int j)
{
	if (j == 0) {
		waiter();
		return;
	}
	pthread_mutex_lock(&shared->mutex);
	shared->flag = 1;
	pthread_cond_signal(&shared->changed);
	pthread_mutex_unlock(&shared->mutex);
}

int main(int argc, char **argv)
{
	pthread_mutexattr_t mutex;
	pthread_condattr_t cond;

	right = argc > 1 && *argv[1] == 'r';
	shared = (void *)shared_memory();
	pthread_mutexattr_init(&mutex);
	pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->mutex, &mutex);
	pthread_condattr_init(&cond);
	pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&shared->changed, &cond);
	return run(2, body);
}
