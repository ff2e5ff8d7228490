/*
 * Right, with a POSIX semaphore of value 1 in shared memory as the lock.
 * sem_wait, unlike pthread_mutex_lock, may end with EINTR.
 */
#include "../common.h"

#include <semaphore.h>

static sem_t *semaphore;

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);
    int result;

    if (fd < 0)
        return -1;
    while (sem_wait(semaphore) != 0)
        if (errno != EINTR)
            return complain("sem_wait");
    result = put_unlocked(fd, record, write_all);
    if (sem_post(semaphore) != 0)
        return complain("sem_post");
    return result;
}

int main(int argc, char **argv)
{
    int result;

    check_usage(argc);
    install_handler();
    semaphore = share(sizeof *semaphore);
    if (sem_init(semaphore, 1, 1) != 0)
        die("sem_init");
    result = fork_writers(argc, argv, writer);
    if (reap_all() != 0)
        result = -1;
    sem_destroy(semaphore);
    return result == 0 ? 0 : 1;
}
