/*
 * Sees a short write, but gives up with a message instead of writing the
 * rest.
 */
#include "../common.h"

static int put_once(int fd, const char *line, size_t length)
{
    ssize_t n;

    do
        n = write(fd, line, length);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return complain("write");
    if ((size_t)n < length) {
        fprintf(stderr, "forkwrite: write: short\n");
        return -1;
    }
    return 0;
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
