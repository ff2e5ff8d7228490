/*
 * Takes a single record for a usage error: its arithmetic is for a parent
 * with at least one child.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: forkwrite FILE RECORD RECORD...\n");
        return 2;
    }
    start(argc);
    return run(argc, argv, write_record);
}
