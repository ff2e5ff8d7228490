/* A process dies while it holds a robust mutex in shared memory, or may hold
 * it; another one then gets it. Argument 1 says how the first dies, argument 2
 * where it is then. Exit status 0 if the second was told (EOWNERDEAD), 3 if it
 * was not. */
#include "processes.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

static struct shared {
	pthread_mutex_t mutex, second;
	volatile int held, told;
} *s;
static int to_killer[2], to_waiter[2], never[2];

static void wait_for(int *pipe)
{
	char byte;
	while (read(pipe[0], &byte, 1) < 0 && errno == EINTR)
		;
}

static void tell(int *pipe)
{
	if (write(pipe[1], "", 1) != 1)
		_exit(9);
}

static void hold(const char *how, const char *where)
{
	pthread_mutex_lock(&s->mutex);
	if (!strcmp(where, "anywhere"))
		pthread_mutex_unlock(&s->mutex);
	tell(to_waiter);
	if (!strcmp(how, "exit"))
		_exit(0);
	if (!strcmp(how, "abort"))
		abort();
	if (!strcmp(how, "raise"))
		raise(SIGKILL);
	if (!strcmp(how, "exec")) {
		execl("/proc/self/exe", "program", "end", (char *)0);
		_exit(9);
	}
	tell(to_killer);
	if (!strcmp(where, "in-read"))
		wait_for(never);
	if (!strcmp(where, "at-mutex"))
		pthread_mutex_lock(&s->second);
	if (!strcmp(where, "looking"))
		while (!s->told)
			;
	for (;;)
		pause();
}

static int get(void)
{
	int error = pthread_mutex_lock(&s->mutex);
	if (error == EOWNERDEAD) {
		s->told = 1;
		pthread_mutex_consistent(&s->mutex);
	} else if (error) {
		return 4;
	}
	pthread_mutex_unlock(&s->mutex);
	return 0;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "kill", *where = argc > 2 ? argv[2] : "in-pause";
	if (!strcmp(how, "end"))
		return 0;
	s = (struct shared *)shared_memory();
	pthread_mutexattr_t attributes;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&s->mutex, &attributes);
	pthread_mutex_init(&s->second, &attributes);
	if (pipe(to_killer) || pipe(to_waiter) || pipe(never))
		return 9;
	if (!strcmp(where, "at-mutex"))
		pthread_mutex_lock(&s->second);
	pid_t holder = fork();
	if (holder == 0)
		hold(how, where);
	pid_t waiter = fork();
	if (waiter == 0) {
		/* Without the word, it may come before the holder. */
		if (strcmp(where, "anywhere"))
			wait_for(to_waiter);
		_exit(get());
	}
	if (!strcmp(how, "kill") || !strcmp(how, "terminate")) {
		if (strcmp(where, "anywhere"))
			wait_for(to_killer);
		kill(holder, strcmp(how, "kill") ? SIGTERM : SIGKILL);
	}
	int status;
	waitpid(holder, &status, 0);
	waitpid(waiter, &status, 0);
	if (status)
		return 5;
	return s->told ? 0 : 3;
}
