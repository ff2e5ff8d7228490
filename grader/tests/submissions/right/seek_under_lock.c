/*
 * Right without O_APPEND: whoever holds the lock goes to the end of FILE
 * first, and nobody else moves that end while the lock is held.
 */
#include "../common.h"

static int put_at_end(int fd, const char *line, size_t length)
{
    /* A FIFO has no position. */
    if (lseek(fd, 0, SEEK_END) < 0 && errno != ESPIPE)
        return complain("lseek");
    return write_all(fd, line, length);
}

static int writer(const char *path, const char *record)
{
    int fd = open_with(path, O_WRONLY | O_CREAT);

    return put_locked(fd, record, put_at_end);
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
