/*
 * The parent does not wait for its children at all.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    start(argc);
    return fork_writers(argc, argv, write_record) == 0 ? 0 : 1;
}
