/*
 * Two mutexes, one for opening FILE and one for writing to it. The children
 * take them in one order, the parent in the other.
 */
#include "../common.h"

static pthread_mutex_t *second;
static pid_t parent;

static int writer(const char *path, const char *record)
{
    pthread_mutex_t *outer = getpid() == parent ? second : mutex;
    pthread_mutex_t *inner = getpid() == parent ? mutex : second;
    int result = -1;
    int fd;

    if (lock(outer) != 0)
        return -1;
    fd = open_file(path);
    if (fd >= 0 && lock(inner) == 0) {
        result = put_unlocked(fd, record, write_all);
        if (unlock(inner) != 0)
            result = -1;
    }
    return unlock(outer) == 0 ? result : -1;
}

int main(int argc, char **argv)
{
    start(argc);
    second = share(sizeof *second);
    init_mutex(second);
    parent = getpid();
    return run(argc, argv, writer);
}
