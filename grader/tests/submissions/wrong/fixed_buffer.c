/*
 * Copies the record into a buffer of 4096 bytes: the rest of a longer one is
 * cut off.
 */
#include "../common.h"

static int put_buffer(int fd, const char *line, size_t length)
{
    char buffer[4096];

    if (length > sizeof buffer)
        length = sizeof buffer;
    memcpy(buffer, line, length);
    buffer[length - 1] = '\n';
    return write_all(fd, buffer, length);
}

static int writer(const char *path, const char *record)
{
    return put_locked(open_file(path), record, put_buffer);
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
