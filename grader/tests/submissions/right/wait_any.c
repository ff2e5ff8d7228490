/*
 * Right: one loop takes children in whatever order they end, goes on after
 * EINTR, and stops when there are none.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    int status = 0;
    int failed;

    start(argc);
    failed = fork_writers(argc, argv, write_record) != 0;
    while (wait(&status) > 0 || errno == EINTR) {
        if (status != 0)
            failed = 1;
        status = 0;
    }
    pthread_mutex_destroy(mutex);
    if (failed)
        fprintf(stderr, "forkwrite: not all records were written\n");
    return failed;
}
