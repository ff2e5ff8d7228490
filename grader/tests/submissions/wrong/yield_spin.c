/*
 * Never sleeps on the lock: it tries again and again, yielding in between.
 */
#include "../common.h"

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);
    int result;

    while (pthread_mutex_trylock(mutex) != 0)
        sched_yield();
    result = put_unlocked(fd, record, write_all);
    return unlock(mutex) == 0 ? result : -1;
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
