/*
 * A lock that is a file: looks whether it is there, and makes it if not. Two can
 * look before either has made it.
 */
#include "../common.h"

static const char lock_name[] = "forkwrite.lock";

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);
    int result;

    while (access(lock_name, F_OK) == 0)
        usleep(1000);
    close(open_with(lock_name, O_WRONLY | O_CREAT));
    result = put_unlocked(fd, record, write_all);
    unlink(lock_name);
    return result;
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
