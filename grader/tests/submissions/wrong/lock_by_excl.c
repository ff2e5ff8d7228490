/*
 * A lock that is a file, made with O_EXCL. The file comes out right, but it is
 * not the lock that the assignment asks for, and whoever waits does not sleep on
 * it.
 */
#include "../common.h"

static const char lock_name[] = "forkwrite.lock";

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);
    int lock_file, result;

    while ((lock_file = open(lock_name, O_WRONLY | O_CREAT | O_EXCL, 0644)) < 0)
        usleep(1000);
    close(lock_file);
    result = put_unlocked(fd, record, write_all);
    unlink(lock_name);
    return result;
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
