/*
 * Tries again after the first EINTR of a record, but takes the second one
 * for a failure.
 */
#include "../common.h"

static int put_with_one_retry(int fd, const char *line, size_t length)
{
    int retried = 0;

    while (length > 0) {
        ssize_t n = write(fd, line, length);

        if (n < 0 && errno == EINTR && !retried) {
            retried = 1;
            continue;
        }
        if (n < 0)
            return complain("write");
        line += n;
        length -= (size_t)n;
    }
    return 0;
}

static int writer(const char *path, const char *record)
{
    return put_locked(open_file(path), record, put_with_one_retry);
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
