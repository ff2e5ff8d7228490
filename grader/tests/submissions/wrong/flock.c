/*
 * Locks FILE with flock(2) instead of a mutex in shared memory. The file
 * comes out right, but it is not the lock that the assignment asks for.
 */
#include "../common.h"

#include <sys/file.h>

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);

    if (fd < 0)
        return -1;
    while (flock(fd, LOCK_EX) != 0)
        if (errno != EINTR)
            return complain("flock");
    /* Closing FILE releases the lock. */
    return put_unlocked(fd, record, write_all);
}

int main(int argc, char **argv)
{
    int result;

    check_usage(argc);
    install_handler();
    result = fork_writers(argc, argv, writer);
    return reap_all() == 0 && result == 0 ? 0 : 1;
}
