/*
 * Right, the plain way: a process-shared mutex in a mapping made before the
 * fork, O_APPEND, a write loop, a parent that writes the last record and
 * waits. Also built statically, with glibc and with musl.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, write_record);
}
