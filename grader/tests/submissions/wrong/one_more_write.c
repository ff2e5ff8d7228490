/*
 * An "if" where a loop belongs: after a short write it writes the rest, but
 * does not look whether that one was short, too.
 */
#include "../common.h"

/* write, tried again after EINTR. */
static ssize_t write_once(int fd, const char *bytes, size_t length)
{
    ssize_t n;

    do
        n = write(fd, bytes, length);
    while (n < 0 && errno == EINTR);
    return n;
}

static int put_twice(int fd, const char *line, size_t length)
{
    ssize_t n = write_once(fd, line, length);

    if (n >= 0 && (size_t)n < length)
        n = write_once(fd, line + n, length - (size_t)n);
    return n < 0 ? complain("write") : 0;
}

static int writer(const char *path, const char *record)
{
    return put_locked(open_file(path), record, put_twice);
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
