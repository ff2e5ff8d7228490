/*
 * Right, with a robust mutex: when its holder dies, the next one learns of
 * it, cuts off what the dead writer left of its line, and carries on.
 */
#include "../common.h"

struct shared {
    pthread_mutex_t mutex;
    off_t line_begins; /* where the holder's line begins, or -1 */
    off_t line_ends;   /* where it will end */
};

static struct shared *shared;

static void init_shared(void)
{
    pthread_mutexattr_t attributes;

    shared = share(sizeof *shared);
    shared->line_begins = -1;
    pthread_mutexattr_init(&attributes);
    errno = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    if (errno == 0)
        errno = pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    if (errno == 0)
        errno = pthread_mutex_init(&shared->mutex, &attributes);
    if (errno != 0)
        die("pthread_mutex_init");
    pthread_mutexattr_destroy(&attributes);
}

/* The length of FILE if it is a regular one, else -1. */
static off_t length_of(int fd)
{
    struct stat status;

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return -1;
    return status.st_size;
}

/* The last holder died: its line goes, unless it was written to the end. */
static int repair(int fd)
{
    off_t begins = shared->line_begins;

    if (begins >= 0 && length_of(fd) < shared->line_ends)
        while (ftruncate(fd, begins) != 0)
            if (errno != EINTR)
                return complain("ftruncate");
    shared->line_begins = -1;
    errno = pthread_mutex_consistent(&shared->mutex);
    return errno == 0 ? 0 : complain("pthread_mutex_consistent");
}

static int take(int fd)
{
    errno = pthread_mutex_lock(&shared->mutex);
    if (errno == EOWNERDEAD)
        return repair(fd);
    return errno == 0 ? 0 : complain("pthread_mutex_lock");
}

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);
    int result;

    if (fd < 0 || take(fd) != 0)
        return -1;
    shared->line_ends = length_of(fd) + (off_t)strlen(record) + 1;
    shared->line_begins = length_of(fd);
    result = put_unlocked(fd, record, write_all);
    shared->line_begins = -1;
    return unlock(&shared->mutex) == 0 ? result : -1;
}

int main(int argc, char **argv)
{
    int result;

    check_usage(argc);
    install_handler();
    init_shared();
    result = fork_writers(argc, argv, writer);
    if (reap_all() != 0)
        result = -1;
    pthread_mutex_destroy(&shared->mutex);
    return result == 0 ? 0 : 1;
}
