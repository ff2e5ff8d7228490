/*
 * Goes to the end of FILE by hand, without O_APPEND, but before it has the
 * lock: by the time it writes, the end may be elsewhere.
 */
#include "../common.h"

static int writer(const char *path, const char *record)
{
    int fd = open_with(path, O_WRONLY | O_CREAT);

    if (fd >= 0 && lseek(fd, 0, SEEK_END) < 0 && errno != ESPIPE)
        return complain("lseek");
    return put_locked(fd, record, write_all);
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
