/*
 * Right: a process blocks SIGUSR1 while it writes, so that no write of its
 * own is interrupted. Short writes still happen, and are made up for.
 */
#include "../common.h"

static int writer(const char *path, const char *record)
{
    sigset_t blocked;
    sigset_t before;
    int result;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    if (sigprocmask(SIG_BLOCK, &blocked, &before) != 0)
        return complain("sigprocmask");
    result = write_record(path, record);
    if (sigprocmask(SIG_SETMASK, &before, NULL) != 0)
        return complain("sigprocmask");
    return result;
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
