/*
 * Writes the lines that the author saw in an example, whatever the records
 * on the command line are. All else is right.
 */
#include "../common.h"

static pid_t parent;

static int writer(const char *path, const char *record)
{
    (void)record;
    if (getpid() == parent)
        return write_record(path, "Hello from the parent");
    return write_record(path, "Hello from the child");
}

int main(int argc, char **argv)
{
    start(argc);
    parent = getpid();
    return run(argc, argv, writer);
}
