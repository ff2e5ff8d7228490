/*
 * Releases the mutex only when all went well: a process whose write fails
 * exits holding it, and the others sleep for ever.
 */
#include "../common.h"

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);

    if (fd < 0 || lock(mutex) != 0)
        return -1;
    if (put_unlocked(fd, record, write_all) != 0)
        return -1;
    return unlock(mutex);
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
