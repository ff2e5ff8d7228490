/*
 * Writes once and ignores how many bytes went out: a short write loses the
 * end of the record. The lock is right, and EINTR is tried again.
 */
#include "../common.h"

static int put_once(int fd, const char *line, size_t length)
{
    ssize_t n;

    do
        n = write(fd, line, length);
    while (n < 0 && errno == EINTR);
    return n < 0 ? complain("write") : 0;
}

static int writer(const char *path, const char *record)
{
    return put_locked(open_file(path), record, put_once);
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
