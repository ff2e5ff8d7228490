/*
 * What the C programs of the corpus share, all of it right, so that a wrong
 * program shows its one mistake and little else.
 *
 * Include it first: it asks for the GNU interfaces.
 */
#ifndef COMMON_H
#define COMMON_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* The lock, in memory that is shared since before the first fork. */
static pthread_mutex_t *mutex;

/* Says on standard error what failed, and returns -1. */
static inline int complain(const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
            strerror(errno));
    return -1;
}

/* Ends the program with status 1 and a message. */
static inline void die(const char *what)
{
    complain(what);
    exit(1);
}

/* Wants FILE and at least one RECORD. */
static inline void check_usage(int argc)
{
    if (argc < 3) {
        fprintf(stderr, "usage: forkwrite FILE RECORD...\n");
        exit(2);
    }
}

static inline void on_sigusr1(int signal_number)
{
    (void)signal_number;
}

/* SIGUSR1 does nothing, but it interrupts: no SA_RESTART. */
static inline void install_handler(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = on_sigusr1;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGUSR1, &action, NULL) != 0)
        die("sigaction");
}

/* Memory full of zeros that all processes forked from now on share. */
static inline void *share(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        die("mmap");
    return memory;
}

/* Makes a mutex for use between processes. */
static inline void init_mutex(pthread_mutex_t *which)
{
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init(&attributes);
    errno = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    if (errno == 0)
        errno = pthread_mutex_init(which, &attributes);
    if (errno != 0)
        die("pthread_mutex_init");
    pthread_mutexattr_destroy(&attributes);
}

/* What main begins with: arguments, handler, and the mutex in shared memory. */
static inline void start(int argc)
{
    check_usage(argc);
    install_handler();
    mutex = share(sizeof *mutex);
    init_mutex(mutex);
}

static inline int lock(pthread_mutex_t *which)
{
    errno = pthread_mutex_lock(which);
    return errno == 0 ? 0 : complain("pthread_mutex_lock");
}

static inline int unlock(pthread_mutex_t *which)
{
    errno = pthread_mutex_unlock(which);
    return errno == 0 ? 0 : complain("pthread_mutex_unlock");
}

/* open, which a signal may interrupt if the file is a FIFO. */
static inline int open_with(const char *path, int flags)
{
    int fd;

    do
        fd = open(path, flags, 0644);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        complain(path);
    return fd;
}

/* FILE, for appending. */
static inline int open_file(const char *path)
{
    return open_with(path, O_WRONLY | O_APPEND | O_CREAT);
}

/* The record and its newline; the caller frees it. */
static inline char *make_line(const char *record, size_t *length)
{
    char *line = NULL;
    int printed = asprintf(&line, "%s\n", record);

    if (printed < 0)
        die("asprintf");
    *length = (size_t)printed;
    return line;
}

/* Writes it all, whatever the kernel accepts at once. */
static inline int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return complain("write");
        if (n == 0) {
            errno = EIO;
            return complain("write");
        }
        bytes += n;
        length -= (size_t)n;
    }
    return 0;
}

/* How a line is put into the open FILE: write_all, or something wrong. */
typedef int put_function(int fd, const char *line, size_t length);

/* Puts the record's line into the open FILE and closes it. Takes no lock. */
static inline int put_unlocked(int fd, const char *record, put_function *put)
{
    size_t length;
    char *line;
    int result;

    if (fd < 0)
        return -1;
    line = make_line(record, &length);
    result = put(fd, line, length);
    free(line);
    close(fd);
    return result;
}

/* Puts the record's line into the open FILE and closes it, under the mutex. */
static inline int put_locked(int fd, const char *record, put_function *put)
{
    int result;

    if (fd < 0 || lock(mutex) != 0)
        return -1;
    result = put_unlocked(fd, record, put);
    return unlock(mutex) == 0 ? result : -1;
}

/* How a process writes its record: 0, or -1 after a message. */
typedef int writer_function(const char *path, const char *record);

/* A whole writer, right. */
static inline int write_record(const char *path, const char *record)
{
    return put_locked(open_file(path), record, write_all);
}

/* The kernel's numbers; musl comes without <linux/futex.h>. */
#ifndef FUTEX_WAIT
#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#endif

/* Sleeps while the word in shared memory holds that value; may wake early. */
static inline void futex_wait(volatile unsigned *word, unsigned value)
{
    syscall(SYS_futex, word, FUTEX_WAIT, value, NULL);
}

/* Wakes one process that sleeps on the word. */
static inline void futex_wake(volatile unsigned *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE, 1);
}

/* Waits for every child. -1 if one of them failed. */
static inline int reap_all(void)
{
    int result = 0;

    for (;;) {
        int status;
        pid_t pid = wait(&status);

        if (pid < 0 && errno == EINTR)
            continue;
        if (pid < 0 && errno == ECHILD)
            return result;
        if (pid < 0)
            return complain("wait");
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            fprintf(stderr, "%s: a child failed\n",
                    program_invocation_short_name);
            result = -1;
        }
    }
}

/*
 * A process for each record but the last, which this process writes itself.
 * Does not wait. -1 if something has failed so far.
 */
static inline int fork_writers(int argc, char **argv, writer_function *writer)
{
    for (int i = 2; i < argc - 1; i++) {
        pid_t pid = fork();

        if (pid < 0)
            return complain("fork");
        if (pid == 0)
            _exit(writer(argv[1], argv[i]) == 0 ? 0 : 1);
    }
    return writer(argv[1], argv[argc - 1]);
}

/* What main ends with: writers, waiting, then the mutex's end. */
static inline int run(int argc, char **argv, writer_function *writer)
{
    int result = fork_writers(argc, argv, writer);

    if (reap_all() != 0)
        result = -1;
    pthread_mutex_destroy(mutex);
    return result == 0 ? 0 : 1;
}

#endif
