/*
 * Right, though slow: one byte a write call. The lock is held from the first
 * byte to the newline.
 */
#include "../common.h"

static int put_bytes(int fd, const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (write_all(fd, &line[i], 1) != 0)
            return -1;
    return 0;
}

static int writer(const char *path, const char *record)
{
    return put_locked(open_file(path), record, put_bytes);
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
