/*
 * Locks each write call, not the record: between a short write and the rest
 * it releases the mutex and even lets the others go first.
 */
#include "../common.h"

static int writer(const char *path, const char *record)
{
    size_t length;
    char *line = make_line(record, &length);
    char *rest = line;
    int fd = open_file(path);
    int result = fd < 0 ? -1 : 0;

    while (result == 0 && length > 0) {
        ssize_t n;

        if (lock(mutex) != 0)
            return -1;
        do
            n = write(fd, rest, length);
        while (n < 0 && errno == EINTR);
        if (n < 0)
            result = complain("write");
        if (unlock(mutex) != 0)
            return -1;
        if (n >= 0) {
            rest += n;
            length -= (size_t)n;
        }
        if (length > 0)
            usleep(1000);
    }
    free(line);
    return result;
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
