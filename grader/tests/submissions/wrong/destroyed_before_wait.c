/*
 * The parent destroys the mutex after its own record and before it waits for
 * its children. Like many programs this one does not look at what the lock
 * and the unlock return, so a child that comes later writes without a lock.
 */
#include "../common.h"

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);
    int result;

    pthread_mutex_lock(mutex);
    result = put_unlocked(fd, record, write_all);
    pthread_mutex_unlock(mutex);
    return result;
}

int main(int argc, char **argv)
{
    int result;

    start(argc);
    result = fork_writers(argc, argv, writer);
    pthread_mutex_destroy(mutex);
    return reap_all() == 0 && result == 0 ? 0 : 1;
}
