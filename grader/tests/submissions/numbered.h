/*
 * What the programs of gate, rendezvous and relay share, all of it right:
 * beyond common.h, a third argument and N children with numbers. The parent
 * only waits.
 */
#ifndef NUMBERED_H
#define NUMBERED_H

#include "common.h"

#include <limits.h>
#include <stdarg.h>

static const char *path; /* FILE */
static int processes;    /* N */

/* A number of 1 or more; 0 if it is none. */
static inline int number(const char *text)
{
    char *end;
    long value;

    errno = 0;
    value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 1 || value > 9999)
        return 0;
    return (int)value;
}

/* Takes FILE and N from the arguments; returns the third one. */
static inline int parse(int argc, char **argv, const char *third)
{
    int value = 0;

    if (argc == 4) {
        path = argv[1];
        processes = number(argv[2]);
        value = number(argv[3]);
    }
    if (processes == 0 || value == 0) {
        fprintf(stderr, "usage: %s FILE N %s\n", program_invocation_short_name,
                third);
        exit(2);
    }
    return value;
}

/*
 * SIGUSR1 only interrupts; a write beyond the size limit fails with EFBIG
 * instead of killing; the mutex for whole lines lies in shared memory.
 */
static inline void prepare(void)
{
    install_handler();
    signal(SIGXFSZ, SIG_IGN);
    mutex = share(sizeof *mutex);
    init_mutex(mutex);
}

/* Puts a line into FILE, all of it. Takes no lock. */
static inline int vput(int fd, const char *format, va_list arguments)
{
    char *line;
    int length = vasprintf(&line, format, arguments);
    int result;

    if (length < 0)
        return complain("vasprintf");
    result = write_all(fd, line, (size_t)length);
    free(line);
    return result;
}

/* Puts a line into FILE, for whoever already keeps the others out. */
__attribute__((format(printf, 2, 3)))
static inline int put_alone(int fd, const char *format, ...)
{
    va_list arguments;
    int result;

    va_start(arguments, format);
    result = vput(fd, format, arguments);
    va_end(arguments);
    return result;
}

/* Puts a line into FILE, under the mutex. */
__attribute__((format(printf, 2, 3)))
static inline int put(int fd, const char *format, ...)
{
    va_list arguments;
    int result;

    if (lock(mutex) != 0)
        return -1;
    va_start(arguments, format);
    result = vput(fd, format, arguments);
    va_end(arguments);
    return unlock(mutex) == 0 ? result : -1;
}

/* Wakes all processes that sleep on the word. */
static inline void futex_wake_all(volatile unsigned *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX);
}

/* Makes a condition variable for use between processes. */
static inline void init_condition(pthread_cond_t *which)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    errno = pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    if (errno == 0)
        errno = pthread_cond_init(which, &attributes);
    if (errno != 0)
        die("pthread_cond_init");
    pthread_condattr_destroy(&attributes);
}

/* What child i does: 0, or -1 after a message. */
typedef int child_function(int i);

static pid_t *children; /* 0 where one is not there, or not any more */

/*
 * Forks the children. If one cannot be forked those that are there are
 * killed: they could wait for it for ever.
 */
static inline int fork_children(child_function *child)
{
    children = calloc((size_t)processes, sizeof *children);
    if (children == NULL)
        return complain("calloc");
    for (int i = 0; i < processes; i++) {
        pid_t pid = fork();

        if (pid == 0)
            _exit(child(i) == 0 ? 0 : 1);
        if (pid < 0) {
            complain("fork");
            while (i-- > 0)
                kill(children[i], SIGKILL);
            return -1;
        }
        children[i] = pid;
    }
    return 0;
}

/* The children, and waiting for all of them; the program's exit status. */
static inline int run_children(child_function *child)
{
    int result = fork_children(child);

    if (reap_all() != 0)
        result = -1;
    return result == 0 ? 0 : 1;
}

/*
 * The same for programs that survive a child's death: as soon as one child
 * has not ended well, alarm tells those that may be waiting for it.
 */
static inline int run_guarded(child_function *child, void alarm(void))
{
    int result = fork_children(child);

    for (;;) {
        int status;
        pid_t pid = wait(&status);

        if (pid < 0 && errno == EINTR)
            continue;
        if (pid < 0)
            break;
        for (int i = 0; i < processes; i++)
            if (children[i] == pid)
                children[i] = 0;
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            continue;
        fprintf(stderr, "%s: a child failed\n", program_invocation_short_name);
        alarm();
        result = -1;
    }
    return result == 0 ? 0 : 1;
}

#endif
