/*
 * Writes one byte too many: the NUL that ends the string in memory.
 */
#include "../common.h"

static int put_string(int fd, const char *line, size_t length)
{
    return write_all(fd, line, length + 1);
}

static int writer(const char *path, const char *record)
{
    return put_locked(open_file(path), record, put_string);
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
