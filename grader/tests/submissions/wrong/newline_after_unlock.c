/*
 * Writes the record under the lock, but its newline after the unlock.
 */
#include "../common.h"

static int put_record(int fd, const char *line, size_t length)
{
    return write_all(fd, line, length - 1);
}

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);
    int result = put_locked(dup(fd), record, put_record);

    if (result == 0)
        result = write_all(fd, "\n", 1);
    close(fd);
    return result;
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
