/* Two processes each look before they act: at the size of a file, then write
 * there ("size", "path"); whether a file is there, then make it ("access",
 * "open"), as a lock that is none; at a pipe ("poll"), a lock that is given up by
 * closing its file ("lock"), a child that a third process ends ("kill"). Whoever
 * finds what it looks for appends its letter to FILE. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *what, *file;
static int ends[2];

static int is(const char *name)
{
	return strcmp(what, name) == 0;
}

static void put(const char *name)
{
	int fd = open(file, O_WRONLY | O_APPEND | O_CREAT, 0644);
	if (write(fd, name, 1) != 1)
		_exit(1);
}

static void work(const char *name)
{
	struct stat found;
	int fd, there;
	if (is("size") || is("path")) {
		fd = open(file, O_WRONLY | O_CREAT, 0644);
		if (is("size") ? fstat(fd, &found) : stat(file, &found))
			_exit(2);
		if (pwrite(fd, name, 1, found.st_size) != 1)
			_exit(3);
	} else if (is("poll")) {
		struct pollfd in = {.fd = ends[0], .events = POLLIN};
		if (*name == 'b')
			write(ends[1], "x", 1);
		else if (poll(&in, 1, 0) == 1)
			put(name);
	} else if (is("lock")) {
		fd = open("lock", O_WRONLY | O_CREAT, 0644);
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			put(name);
		close(fd);
	} else {
		there = is("access") ? access("lock", F_OK) == 0
				     : (fd = open("lock", O_RDONLY)) >= 0;
		if (there)
			return;
		close(open("lock", O_WRONLY | O_CREAT, 0644));
		put(name);
	}
}

int main(int argc, char **argv)
{
	if (argc < 4 || pipe(ends) != 0)
		return 4;
	what = argv[1];
	file = argv[3];
	close(open(file, O_WRONLY | O_CREAT, 0644));
	pid_t child = fork();
	if (is("kill")) {
		if (child == 0)
			for (;;)
				pause();
		pid_t killer = fork();
		if (killer == 0)
			_exit(kill(child, SIGKILL) != 0);
		if (waitpid(child, NULL, WNOHANG) == child)
			put("a");
		else
			waitpid(child, NULL, 0);
		return waitpid(killer, NULL, 0) != killer;
	}
	work(child ? "a" : "b");
	if (child == 0)
		_exit(0);
	return waitpid(child, NULL, 0) != child;
}
