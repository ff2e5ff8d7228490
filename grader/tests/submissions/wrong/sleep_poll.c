/*
 * Never sleeps on the lock: it looks once a millisecond whether it is free.
 */
#include "../common.h"

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);
    int result;

    while (pthread_mutex_trylock(mutex) != 0)
        usleep(1000);
    result = put_unlocked(fd, record, write_all);
    return unlock(mutex) == 0 ? result : -1;
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
