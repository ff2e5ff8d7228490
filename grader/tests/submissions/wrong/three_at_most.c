/*
 * Has room for three records and ignores the others in silence.
 */
#include "../common.h"

#define MOST_RECORDS 3

int main(int argc, char **argv)
{
    start(argc);
    if (argc > 2 + MOST_RECORDS)
        argc = 2 + MOST_RECORDS;
    return run(argc, argv, write_record);
}
