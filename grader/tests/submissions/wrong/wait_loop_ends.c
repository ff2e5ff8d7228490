/*
 * Waits until wait() returns no child, without asking why: EINTR ends the
 * loop too, so the parent exits with status 0 and children unreaped.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    int status;
    int result;

    start(argc);
    result = fork_writers(argc, argv, write_record);
    while (wait(&status) > 0) {
        if (status != 0) {
            fprintf(stderr, "forkwrite: a writer failed\n");
            result = -1;
        }
    }
    return result == 0 ? 0 : 1;
}
