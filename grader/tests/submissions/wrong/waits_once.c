/*
 * The parent waits for one child, however many it has: enough for two
 * records, not for three.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    int status = 0;
    pid_t pid;
    int result;

    start(argc);
    result = fork_writers(argc, argv, write_record);
    do
        pid = wait(&status);
    while (pid < 0 && errno == EINTR);
    if (pid > 0 && status != 0) {
        fprintf(stderr, "forkwrite: a writer failed\n");
        result = -1;
    }
    return result == 0 ? 0 : 1;
}
