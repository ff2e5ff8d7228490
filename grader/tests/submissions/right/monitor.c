/*
 * Right, with a monitor: a "busy" flag under a process-shared mutex, and a
 * process-shared condition variable on which writers wait for it to clear.
 */
#include "../common.h"

struct monitor {
    pthread_cond_t idle;
    int busy;
};

static struct monitor *monitor;

static void init_monitor(void)
{
    pthread_condattr_t attributes;

    monitor = share(sizeof *monitor);
    pthread_condattr_init(&attributes);
    errno = pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    if (errno == 0)
        errno = pthread_cond_init(&monitor->idle, &attributes);
    if (errno != 0)
        die("pthread_cond_init");
    pthread_condattr_destroy(&attributes);
}

static int enter(void)
{
    if (lock(mutex) != 0)
        return -1;
    while (monitor->busy)
        pthread_cond_wait(&monitor->idle, mutex);
    monitor->busy = 1;
    return unlock(mutex);
}

static int leave(void)
{
    if (lock(mutex) != 0)
        return -1;
    monitor->busy = 0;
    pthread_cond_signal(&monitor->idle);
    return unlock(mutex);
}

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);
    int result;

    if (fd < 0 || enter() != 0)
        return -1;
    result = put_unlocked(fd, record, write_all);
    return leave() == 0 ? result : -1;
}

int main(int argc, char **argv)
{
    start(argc);
    init_monitor();
    return run(argc, argv, writer);
}
