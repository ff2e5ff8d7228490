/*
 * Does not fork: one process writes all records, one after the other.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    int result = 0;

    start(argc);
    for (int i = 2; i < argc; i++)
        if (write_record(argv[1], argv[i]) != 0)
            result = -1;
    pthread_mutex_destroy(mutex);
    return result == 0 ? 0 : 1;
}
