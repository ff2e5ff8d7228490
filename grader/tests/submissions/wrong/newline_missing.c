/*
 * Writes one byte too few: the newline is missing.
 */
#include "../common.h"

static int put_record(int fd, const char *line, size_t length)
{
    return write_all(fd, line, length - 1);
}

static int writer(const char *path, const char *record)
{
    return put_locked(open_file(path), record, put_record);
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
