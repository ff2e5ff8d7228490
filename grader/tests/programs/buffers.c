/* Calls whose arguments point into shared memory, or at what points there.
 * Argument 1 says which; results are printed, races are exit statuses. */
#include "processes.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>

static char *m;		/* One shared page. */

static void show(const char *what, long result)
{
	printf("%s: %ld %s\n", what, result, result < 0 ? strerror(errno) : "");
}
#define SHOW(call) show(#call, (long)(call))

static void transfers(void)
{
	int *ends = (int *)m, copy[2];
	SHOW(pipe(ends));
	memcpy(copy, ends, sizeof copy);
	strcpy(m + 100, "from shared memory");
	SHOW(write(copy[1], m + 100, 18));
	SHOW(read(copy[0], m + 200, 18));
	printf("%s\n", m + 200);
	char own[16] = "own ";
	struct iovec *vector = (struct iovec *)(m + 400), near[3] = {
		{own, 4}, {m + 100, 4}, {m + 105, 6}};
	SHOW(writev(copy[1], near, 3));
	memcpy(vector, near, sizeof near);
	vector[1].iov_base = m + 300;
	SHOW(readv(copy[0], vector, 2));
	printf("%.4s %.4s\n", own, m + 300);
	SHOW(read(copy[0], own, 16));
	strcpy(m + 500, "file");
	int fd = open(m + 500, O_RDWR | O_CREAT | O_TRUNC, 0600);
	SHOW(pwritev(fd, near, 3, 3));
	SHOW(pread(fd, m + 600, 8, 3));
	printf("%.8s\n", m + 600);
	near[2].iov_base = m + 700;
	SHOW(preadv(fd, near + 1, 2, 2));
	printf("%.6s\n", m + 700);
	SHOW(fstat(fd, (struct stat *)(m + 1024)));
	printf("%ld\n", (long)((struct stat *)(m + 1024))->st_size);
	SHOW(stat(m + 500, (struct stat *)(m + 1024)));
	strcpy(m + 520, "other");
	SHOW(rename(m + 500, m + 520));
	SHOW(access(m + 520, R_OK));
	SHOW(unlink(m + 520));
	SHOW(write(1, m + 100, 0));
	int *pair = (int *)(m + 800);
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	SHOW(send(pair[0], m + 100, 5, 0));
	SHOW(recv(pair[1], m + 900, 5, 0));
	printf("%.5s\n", m + 900);
}

static void handler(int signal)
{
	(void)signal;
	m[3000]++;
}

static void others(void)
{
	SHOW(getcwd(m, 1000) == m);
	printf("%d\n", m[0] == '/');
	SHOW(uname((struct utsname *)m));
	printf("%.5s\n", m);
	SHOW(clock_gettime(CLOCK_REALTIME, (struct timespec *)m));
	printf("%d\n", ((struct timespec *)m)->tv_sec > 1000000000);
	SHOW(syscall(SYS_clock_gettime, CLOCK_REALTIME, m + 16));
	printf("%d\n", ((struct timespec *)m)[1].tv_sec > 1000000000);
	SHOW(gettimeofday((struct timeval *)m, 0));
	SHOW(getrlimit(RLIMIT_STACK, (struct rlimit *)(m + 32)));
	SHOW(syscall(SYS_getrandom, m + 64, 16, 0));
	struct timespec *t = (struct timespec *)(m + 128);
	t->tv_sec = 0, t->tv_nsec = 1000;
	SHOW(nanosleep(t, t + 1));
	struct pollfd *polled = (struct pollfd *)(m + 256);
	polled->fd = 1, polled->events = POLLOUT;
	SHOW(poll(polled, 1, 0));
	SHOW(poll(polled, 1, 1000));
	printf("%d\n", polled->revents == POLLOUT);
	fd_set *set = (fd_set *)(m + 512);
	FD_ZERO(set);
	FD_SET(1, set);
	SHOW(select(2, 0, set, 0, (struct timeval *)t));
	/* As the C library copies it, once by itself. */
	struct { void (*handler)(int); unsigned long flags; void (*restorer)(void); unsigned long mask; } *old =
		(void *)(m + 768);
	struct sigaction action = {.sa_handler = handler};
	sigaction(SIGUSR2, &action, 0);
	SHOW(syscall(SYS_rt_sigaction, SIGUSR2, 0, old, 8));
	printf("%d\n", old->handler == handler);
	old->flags |= SA_RESETHAND;
	SHOW(syscall(SYS_rt_sigaction, SIGUSR2, old, 0, 8));
	SHOW(raise(SIGUSR2));
	sigset_t *mask = (sigset_t *)(m + 1024);
	sigfillset(mask);
	SHOW(sigprocmask(SIG_SETMASK, mask, mask + 1));
	SHOW(sigismember(mask + 1, SIGUSR2));
	m[3000] += 2;
	SHOW(sigprocmask(SIG_SETMASK, mask + 1, 0));
	printf("%d\n", m[3000]);
	int *word = (int *)(m + 2048);
	SHOW(syscall(SYS_futex, word, FUTEX_WAIT, 1, 0, 0, 0));
	SHOW(syscall(SYS_futex, word, FUTEX_WAIT, 0, t, 0, 0));
	SHOW(syscall(SYS_futex, word, FUTEX_CMP_REQUEUE, 1, 1, word + 1, 0));
	SHOW(syscall(SYS_futex, word, FUTEX_WAKE_OP, 1, 1, word + 1,
		     FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_EQ, 0)));
	printf("%d\n", word[1]);
	int *status = (int *)(m + 2100);
	if (fork() == 0)
		_exit(7);
	SHOW(wait(status) > 0);
	printf("%d\n", WEXITSTATUS(*status));
	cpu_set_t *cpus = (cpu_set_t *)(m + 2200);
	SHOW(syscall(SYS_sched_getaffinity, 0, sizeof *cpus, cpus) > 0);
	/* What is wrong stays wrong. */
	SHOW(syscall(SYS_fstat, 1, 8));
	SHOW(syscall(SYS_uname, 8));
}

static void executes(void)
{
	char **arguments = (char **)m;
	strcpy(m + 100, "/proc/self/exe");
	strcpy(m + 200, "program");
	strcpy(m + 300, "end");
	strcpy(m + 400, "no-such-program");
	strcpy(m + 500, "NAME=value");
	arguments[0] = m + 200, arguments[1] = m + 300, arguments[2] = 0;
	arguments[3] = m + 500, arguments[4] = 0;
	m[1000] = 1;
	SHOW(execve(m + 400, arguments, arguments + 3));
	m[1000]++;
	printf("%d\n", m[1000]);
	fflush(stdout);
	execve(m + 100, arguments, arguments + 3);
	_exit(9);
}

/* One process changes or looks at a byte, the other one's call reads or writes
 * it. Which comes first shows. */
static const char *race;
static int fd, ends[2];

static void race_body(int i)
{
	struct iovec vector = {m, 1};
	int reads = strncmp(race, "race-to", 7) == 0;
	if (i == 0 && reads) {
		m[3000] = m[0] != 0;
		return;
	}
	if (i == 0) {
		m[0] = 1;
		return;
	}
	ssize_t got = 1;
	if (!strcmp(race, "race-write"))
		got = write(fd, m, 1);
	else if (!strcmp(race, "race-writev"))
		got = writev(fd, &vector, 1);
	else if (!strcmp(race, "race-pipe"))
		got = write(ends[1], m, 1);
	else if (!strcmp(race, "race-to-read"))
		got = pread(fd, m, 1, 0);
	else if (!strcmp(race, "race-to-readv"))
		got = preadv(fd, &vector, 1, 0);
	else if (!strcmp(race, "race-to-uname"))
		got = !uname((struct utsname *)m);
	else if (!strcmp(race, "race-to-stat"))
		got = !fstat(fd, (struct stat *)m);
	if (got != 1)
		_exit(1);
}

static int run_race(void)
{
	char byte = 1;
	fd = open("race", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || pipe(ends) || pwrite(fd, &byte, 1, 0) != 1)
		return 9;
	if (run(2, race_body))
		return 8;
	if (strncmp(race, "race-to", 7) == 0)
		return m[3000];
	if (!strcmp(race, "race-pipe"))
		return read(ends[0], &byte, 1) == 1 ? byte : 7;
	return pread(fd, &byte, 1, 0) == 1 ? byte : 7;
}

/* What is refused. */
static void refused(const char *what)
{
	struct iovec vector = {m, 4};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
	stack_t stack = {.ss_sp = m, .ss_size = 4096};
	if (!strcmp(what, "sendmsg")) {
		int pair[2];
		socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
		sendmsg(pair[0], &message, 0);
	} else if (!strcmp(what, "sigaltstack")) {
		sigaltstack(&stack, 0);
	} else if (!strcmp(what, "shmat")) {
		int id = shmget(IPC_PRIVATE, 4096, 0600);
		void *at = shmat(id, 0, 0);
		shmctl(id, IPC_RMID, 0);
		shmdt(at);
	} else if (!strcmp(what, "end")) {
		int null = open("/dev/null", O_RDWR);
		if (write(null, m + 4000, 200) < 0)
			_exit(1);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "transfers";
	if (!strcmp(what, "end") && argv[0][0] == 'p') {
		printf("executed with %s\n", getenv("NAME"));
		return 0;
	}
	char *room = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	m = mmap(room, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (m == MAP_FAILED)
		return 9;
	race = what;
	if (strncmp(what, "race", 4) == 0)
		return run_race();
	if (fork() == 0) {
		if (!strcmp(what, "transfers"))
			transfers();
		else if (!strcmp(what, "others"))
			others();
		else if (!strcmp(what, "executes"))
			executes();
		else
			refused(what);
		fflush(stdout);
		_exit(0);
	}
	int status;
	wait(&status);
	return status != 0;
}
