/*
 * The lock is a spin lock between processes: right for the file, but a
 * waiter burns its processor instead of sleeping.
 */
#include "../common.h"

static pthread_spinlock_t *spin;

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);
    int result;

    pthread_spin_lock(spin);
    result = put_unlocked(fd, record, write_all);
    pthread_spin_unlock(spin);
    return result;
}

int main(int argc, char **argv)
{
    int result;

    check_usage(argc);
    install_handler();
    spin = share(sizeof *spin);
    errno = pthread_spin_init(spin, PTHREAD_PROCESS_SHARED);
    if (errno != 0)
        die("pthread_spin_init");
    result = fork_writers(argc, argv, writer);
    return reap_all() == 0 && result == 0 ? 0 : 1;
}
