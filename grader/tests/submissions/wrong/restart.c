/*
 * After a short write it writes the whole record again, from its first byte:
 * the bytes that had gone out stay in front of it.
 */
#include "../common.h"

static int put_again(int fd, const char *line, size_t length)
{
    for (;;) {
        ssize_t n = write(fd, line, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return complain("write");
        if ((size_t)n == length)
            return 0;
    }
}

static int writer(const char *path, const char *record)
{
    return put_locked(open_file(path), record, put_again);
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
