/*
 * Tries again after every error, not only after EINTR: on a full disk for
 * ever.
 */
#include "../common.h"

static int put_stubbornly(int fd, const char *line, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, line, length);

        if (n < 0)
            continue;
        line += n;
        length -= (size_t)n;
    }
    return 0;
}

static int writer(const char *path, const char *record)
{
    return put_locked(open_file(path), record, put_stubbornly);
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
