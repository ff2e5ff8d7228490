/*
 * Takes EINTR for the end of the work: the rest of the record is never
 * written, and the exit status is 0.
 */
#include "../common.h"

static int put_until_interrupted(int fd, const char *line, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, line, length);

        if (n < 0 && errno == EINTR)
            break;
        if (n < 0)
            return complain("write");
        line += n;
        length -= (size_t)n;
    }
    return 0;
}

static int writer(const char *path, const char *record)
{
    return put_locked(open_file(path), record, put_until_interrupted);
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
