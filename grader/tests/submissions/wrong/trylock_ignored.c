/*
 * Tries to take the mutex and does not look whether it got it; it writes and
 * unlocks in any case.
 */
#include "../common.h"

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);
    int result;

    pthread_mutex_trylock(mutex);
    result = put_unlocked(fd, record, write_all);
    pthread_mutex_unlock(mutex);
    return result;
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
