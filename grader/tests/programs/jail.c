/*
 * Tries one thing that a submission must not be able to do. Exit 0: it was
 * refused. Exit 1: it could be done. Exit 2: the attempt itself went wrong.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_UNTRACED
#define CLONE_UNTRACED 0x00800000
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

static const char *argument;

static long reads(void)
{
	char byte;
	int fd = open(argument, O_RDONLY);
	return fd < 0 ? -1 : read(fd, &byte, 1);
}

static long lists(void)
{
	return opendir(argument) ? 0 : -1;
}

static long writes(void)
{
	return open(argument, O_WRONLY | O_CREAT, 0644);
}

static long unlinks(void)
{
	return unlink(argument);
}

static long runs(void)
{
	pid_t child = fork();
	if (child == 0) {
		execl(argument, argument, (char *)0);
		_exit(77);
	}
	int status;
	waitpid(child, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		errno = EACCES;
		return -1;
	}
	return 0;
}

static long tcp(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argument))};
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, sizeof address);
}

static long udp(void)
{
	return socket(AF_INET, SOCK_DGRAM, 0);
}

static long netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0);
}

static long abstract(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(argument);
	strcpy(address.sun_path + 1, argument);
	return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, length);
}

static long datagram(void)
{
	int pair[2];
	return socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
}

static long raw(void)
{
	int pair[2];
	return socketpair(AF_UNIX, SOCK_RAW, 0, pair);
}

static long kill_parent(void)
{
	return kill(getppid(), 0);
}

static long kill_all(void)
{
	return kill(-1, 0);
}

static long kill_group(void)
{
	return kill(-getpgid(getppid()), 0);
}

static long kill_thread(void)
{
	return syscall(SYS_tgkill, getppid(), getppid(), 0);
}

static long pidfd(void)
{
	int fd = syscall(SYS_pidfd_open, getppid(), 0);
	return fd < 0 ? -1 : syscall(SYS_pidfd_send_signal, fd, 0, 0, 0);
}

static long own(void)
{
	return fcntl(0, F_SETOWN, getppid());
}

static long limit(void)
{
	struct rlimit was;
	return prlimit(getppid(), RLIMIT_FSIZE, 0, &was);
}

static long priority(void)
{
	return setpriority(PRIO_PROCESS, getppid(), getpriority(PRIO_PROCESS, getppid()));
}

static long affinity(void)
{
	cpu_set_t set;
	sched_getaffinity(getppid(), sizeof set, &set);
	return sched_setaffinity(getppid(), sizeof set, &set);
}

static long cloned(unsigned long flags)
{
	long child = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
	if (child == 0)
		_exit(0);
	if (child > 0)
		waitpid(child, 0, 0);
	return child;
}

static long untraced(void)
{
	return cloned(CLONE_UNTRACED);
}

static long user_namespace(void)
{
	return cloned(CLONE_NEWUSER);
}

static long clone_3(void)
{
	unsigned long arguments[8] = {[4] = SIGCHLD};
	long child = syscall(SYS_clone3, arguments, sizeof arguments);
	if (child == 0)
		_exit(0);
	if (child > 0)
		waitpid(child, 0, 0);
	return child;
}

static long undumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 0);
}

static long dispatch(void)
{
	return prctl(59 /* PR_SET_SYSCALL_USER_DISPATCH */, 0, 0, 0, 0);
}

static long filter(void)
{
	/* An address that is none: EFAULT says that it would have been taken. */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return prctl(PR_SET_SECCOMP, 2, 1) < 0 && errno == EFAULT ? 0 : -1;
}

static long trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, 0, 0);
}

static long of_parent(const char *file)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", getppid(), file);
	return open(path, O_RDONLY);
}

static long environment(void)
{
	return of_parent("environ");
}

static long descriptors(void)
{
	char path[64], target[64];
	snprintf(path, sizeof path, "/proc/%d/fd/0", getppid());
	return readlink(path, target, sizeof target);
}

static long queue(void)
{
	return syscall(SYS_io_uring_setup, 1, 0) < 0 && errno == EFAULT ? 0 : -1;
}

static long segment(void)
{
	int id = syscall(SYS_shmget, 0, 4096, 0600);
	if (id >= 0)
		syscall(SYS_shmctl, id, 0, 0);
	return id;
}

static long messages(void)
{
	int id = syscall(SYS_msgget, 0, 0600);
	if (id >= 0)
		syscall(SYS_msgctl, id, 0, 0);
	return id;
}

/* A number of x32 that works here, or one that nobody has given a meaning. */
static long x32(void)
{
	return syscall(0x40000000 | SYS_getpid);
}

/* getpid by the 32-bit table. */
static long int80(void)
{
	long result = 20;
	__asm__ volatile("int $0x80" : "+a"(result) : : "memory");
	return result;
}

static long core(void)
{
	struct rlimit most = {RLIM_INFINITY, RLIM_INFINITY};
	struct rlimit now;
	getrlimit(RLIMIT_CORE, &now);
	setrlimit(RLIMIT_CORE, &most);
	getrlimit(RLIMIT_CORE, &now);
	errno = EPERM;
	return now.rlim_max == 0 ? -1 : 0;
}

/* Goes on as a copy that its tracer may not look into. */
static long blind(void)
{
	char path[64], *words[] = {"jail", "blinded", 0}, *none[] = {0};
	struct stat own;
	int from = open("/proc/self/exe", O_RDONLY);
	int to = memfd_create("copy", 0);
	fstat(from, &own);
	if (sendfile(to, from, 0, own.st_size) != own.st_size)
		exit(2);
	snprintf(path, sizeof path, "/proc/self/fd/%d", to);
	int copy = open(path, O_RDONLY);
	close(to);
	fchmod(copy, 0111);
	return fexecve(copy, words, none);
}

static long blinded(void)
{
	return 0;
}

/* Not an attempt at anything: shared memory that nobody removes. */
static long leaves(void)
{
	return shm_open(argument, O_RDWR | O_CREAT | O_EXCL, 0600) < 0 ? 0 : -1;
}

static long root(void)
{
	return geteuid() == 0 ? 0 : -1;
}

/* Leaves nothing that the next attempt would stumble over. */
static long device(void)
{
	return mknod("device", S_IFCHR | 0600, 0x103) < 0 ? -1 : unlink("device");
}

static const struct {
	const char *name;
	long (*attempt)(void);
} attempts[] = {
	{"reads", reads}, {"lists", lists}, {"writes", writes}, {"unlinks", unlinks},
	{"runs", runs}, {"tcp", tcp}, {"udp", udp}, {"netlink", netlink},
	{"abstract", abstract}, {"datagram", datagram}, {"raw", raw},
	{"kill-parent", kill_parent}, {"kill-all", kill_all}, {"kill-group", kill_group},
	{"kill-thread", kill_thread}, {"pidfd", pidfd}, {"own", own}, {"limit", limit},
	{"priority", priority}, {"affinity", affinity}, {"untraced", untraced},
	{"user-namespace", user_namespace}, {"clone3", clone_3}, {"undumpable", undumpable},
	{"dispatch", dispatch}, {"filter", filter}, {"trace", trace},
	{"environment", environment}, {"descriptors", descriptors}, {"queue", queue},
	{"segment", segment}, {"messages", messages}, {"x32", x32}, {"int80", int80},
	{"core", core}, {"device", device}, {"root", root}, {"leaves", leaves}, {"blind", blind},
	{"blinded", blinded},
};

int main(int argc, char **argv)
{
	argument = argc > 2 ? argv[2] : "";
	for (size_t i = 0; argc > 1 && i < sizeof attempts / sizeof *attempts; i++) {
		if (strcmp(attempts[i].name, argv[1]))
			continue;
		errno = 0;
		if (attempts[i].attempt() >= 0) {
			fprintf(stderr, "%s: it could be done\n", argv[1]);
			return 1;
		}
		fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
		return 0;
	}
	return 2;
}
