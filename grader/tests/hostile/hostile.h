/* What the hostile programs share. A program that got what it was after says so
 * in FILE, where the grader's finding shows it; the suite looks for the word. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static inline int attempt(int argc)
{
	/* The grader first runs a program without arguments, to see it start. */
	if (argc < 3)
		exit(2);
	return 0;
}

static inline void append(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_APPEND | O_CREAT, 0644);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		_exit(3);
	close(fd);
}

/* Writes the record as a right program does. */
static inline void do_the_job(char **argv)
{
	char line[4096];
	snprintf(line, sizeof line, "%s\n", argv[2]);
	append(argv[1], line);
}

static inline void escaped(char **argv, const char *how)
{
	char line[4096];
	snprintf(line, sizeof line, "ESCAPED %s\n", how);
	append(argv[1], line);
	_exit(0);
}

static inline void refused(void)
{
	_exit(1);
}
