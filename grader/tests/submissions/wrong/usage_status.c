/*
 * Ends with status 1, not 2, when it is called the wrong way.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: forkwrite FILE RECORD...\n");
        return 1;
    }
    start(argc);
    return run(argc, argv, write_record);
}
