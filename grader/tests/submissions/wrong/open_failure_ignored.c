/*
 * Says that FILE cannot be opened, but ends with status 0 all the same.
 */
#include "../common.h"

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);

    return fd < 0 ? 0 : put_locked(fd, record, write_all);
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
