/*
 * Right: FILE is opened once, with O_APPEND, before the fork; all processes
 * write through the one open file description they inherit.
 */
#include "../common.h"

static int file;

static int writer(const char *path, const char *record)
{
    (void)path;
    return put_locked(file, record, write_all);
}

int main(int argc, char **argv)
{
    start(argc);
    file = open_file(argv[1]);
    if (file < 0)
        return 1;
    return run(argc, argv, writer);
}
