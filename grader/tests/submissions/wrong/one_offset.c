/*
 * Opens FILE once before the fork and trusts in the one offset that all
 * processes share: no O_APPEND, no lock, and the newline written by a call of
 * its own.
 */
#include "../common.h"

static int file;

static int put_in_two(int fd, const char *line, size_t length)
{
    if (write_all(fd, line, length - 1) != 0)
        return -1;
    return write_all(fd, line + length - 1, 1);
}

static int writer(const char *path, const char *record)
{
    (void)path;
    return put_unlocked(file, record, put_in_two);
}

int main(int argc, char **argv)
{
    start(argc);
    file = open_with(argv[1], O_WRONLY | O_CREAT);
    if (file < 0)
        return 1;
    /* A FIFO has no position. */
    if (lseek(file, 0, SEEK_END) < 0 && errno != ESPIPE)
        die("lseek");
    return run(argc, argv, writer);
}
