/*
 * Takes EINTR from wait() for a failure: the parent ends with status 1 and
 * leaves its children unreaped.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    int result;

    start(argc);
    result = fork_writers(argc, argv, write_record);
    for (int i = 2; i < argc - 1; i++) {
        int status;

        if (wait(&status) < 0)
            die("wait");
        if (status != 0) {
            fprintf(stderr, "forkwrite: a writer failed\n");
            result = -1;
        }
    }
    return result == 0 ? 0 : 1;
}
