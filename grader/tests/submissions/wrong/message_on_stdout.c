/*
 * Prints its messages about failures on standard output, where they do not
 * belong. The usage line is right.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    start(argc);
    dup2(STDOUT_FILENO, STDERR_FILENO);
    return run(argc, argv, write_record);
}
