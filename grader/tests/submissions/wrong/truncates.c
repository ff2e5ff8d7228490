/*
 * Each process opens FILE with O_TRUNC: the old content is lost, and so is
 * what the others have already written.
 */
#include "../common.h"

static int writer(const char *path, const char *record)
{
    int fd = open_with(path, O_WRONLY | O_APPEND | O_CREAT | O_TRUNC);

    return put_locked(fd, record, write_all);
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
