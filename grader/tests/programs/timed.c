/* A child waits for a byte of its parent, which first waits for what does not
 * come, with a limit on the time: "poll", "select", "epoll", "semaphore",
 * "condition", "lock", "signal". */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct {
	sem_t semaphore;
	pthread_mutex_t mutex;
	pthread_cond_t condition;
} *shared;

/* 0 if the time was up. */
static int wait_for_nothing(const char *what, int from)
{
	/* An hour: nobody who waits that long in earnest passes. */
	struct timespec limit = {.tv_sec = 3600}, end;
	struct pollfd one = {.fd = from, .events = POLLIN};
	struct epoll_event event = {.events = EPOLLIN};
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += 3600;
	if (strcmp(what, "poll") == 0)
		return poll(&one, 1, 3600000);
	if (strcmp(what, "select") == 0) {
		fd_set set;
		struct timeval time = {.tv_sec = 3600};
		FD_ZERO(&set);
		FD_SET(from, &set);
		return select(from + 1, &set, NULL, NULL, &time) || FD_ISSET(from, &set);
	}
	if (strcmp(what, "epoll") == 0) {
		int epoll = epoll_create1(0);
		epoll_ctl(epoll, EPOLL_CTL_ADD, from, &event);
		return epoll_wait(epoll, &event, 1, 3600000);
	}
	if (strcmp(what, "semaphore") == 0)
		return sem_timedwait(&shared->semaphore, &end) == 0 || errno != ETIMEDOUT;
	if (strcmp(what, "condition") == 0) {
		pthread_mutex_lock(&shared->mutex);
		return pthread_cond_timedwait(&shared->condition, &shared->mutex, &end) !=
		       ETIMEDOUT;
	}
	if (strcmp(what, "lock") == 0) {
		pthread_mutex_lock(&shared->mutex);
		return pthread_mutex_timedlock(&shared->mutex, &end) != ETIMEDOUT;
	}
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return sigtimedwait(&set, NULL, &limit) != -1 || errno != EAGAIN;
}

int main(int argc, char **argv)
{
	int ends[2];
	char byte = 'x';
	pthread_mutexattr_t lock;
	pthread_condattr_t condition;
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (argc < 2 || shared == MAP_FAILED || pipe(ends) != 0)
		return 4;
	sem_init(&shared->semaphore, 1, 0);
	pthread_mutexattr_init(&lock);
	pthread_mutexattr_setpshared(&lock, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->mutex, &lock);
	pthread_condattr_init(&condition);
	pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&shared->condition, &condition);
	pid_t child = fork();
	if (child == 0)
		_exit(read(ends[0], &byte, 1) != 1);
	if (wait_for_nothing(argv[1], ends[0]) != 0)
		return 1;
	if (write(ends[1], &byte, 1) != 1)
		return 2;
	return waitpid(child, NULL, 0) != child;
}
