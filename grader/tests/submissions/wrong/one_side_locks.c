/*
 * The children lock, the parent writes its own record without the lock.
 */
#include "../common.h"

static pid_t parent;

static int writer(const char *path, const char *record)
{
    if (getpid() == parent)
        return put_unlocked(open_file(path), record, write_all);
    return put_locked(open_file(path), record, write_all);
}

int main(int argc, char **argv)
{
    start(argc);
    parent = getpid();
    return run(argc, argv, writer);
}
