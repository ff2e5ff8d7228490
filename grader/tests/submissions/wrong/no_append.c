/*
 * Each process opens FILE for itself without O_APPEND: all write at offset 0,
 * over each other and over the old content.
 */
#include "../common.h"

static int writer(const char *path, const char *record)
{
    int fd = open_with(path, O_WRONLY | O_CREAT);

    return put_locked(fd, record, write_all);
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
