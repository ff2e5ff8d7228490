/*
 * Each child initialises the mutex once more before it uses it, and so takes
 * it away from whoever holds it.
 */
#include "../common.h"

static pid_t parent;

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);

    if (getpid() != parent)
        init_mutex(mutex);
    return put_locked(fd, record, write_all);
}

int main(int argc, char **argv)
{
    start(argc);
    parent = getpid();
    return run(argc, argv, writer);
}
