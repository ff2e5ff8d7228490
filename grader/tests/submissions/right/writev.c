/*
 * Right: record and newline go out with one writev, and after a short one
 * the vector is moved on by what was written.
 */
#include "../common.h"

#include <sys/uio.h>

/* Takes the first bytes off a vector. */
static void advance(struct iovec *parts, int count, size_t bytes)
{
    for (int i = 0; i < count; i++) {
        size_t taken = bytes < parts[i].iov_len ? bytes : parts[i].iov_len;

        parts[i].iov_base = (char *)parts[i].iov_base + taken;
        parts[i].iov_len -= taken;
        bytes -= taken;
    }
}

static int put_parts(int fd, const char *line, size_t length)
{
    char newline = '\n';
    struct iovec parts[2] = {
        {.iov_base = (void *)line, .iov_len = length - 1},
        {.iov_base = &newline, .iov_len = 1},
    };

    while (parts[0].iov_len + parts[1].iov_len > 0) {
        ssize_t n = writev(fd, parts, 2);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return complain("writev");
        advance(parts, 2, (size_t)n);
    }
    return 0;
}

static int writer(const char *path, const char *record)
{
    return put_locked(open_file(path), record, put_parts);
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
