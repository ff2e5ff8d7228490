/*
 * The lock is a flag in shared memory, tested and set in two steps: two
 * processes may both find it clear. A waiter spins.
 */
#include "../common.h"

static volatile int *flag;

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);
    int result;

    while (*flag)
        ;
    *flag = 1;
    result = put_unlocked(fd, record, write_all);
    *flag = 0;
    return result;
}

int main(int argc, char **argv)
{
    int result;

    check_usage(argc);
    install_handler();
    flag = share(sizeof *flag);
    result = fork_writers(argc, argv, writer);
    return reap_all() == 0 && result == 0 ? 0 : 1;
}
