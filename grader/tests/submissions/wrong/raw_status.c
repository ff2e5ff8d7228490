/*
 * Hands on what wait() stored as if it were an exit status: a child's status
 * 1 is 256 there, and of 256 only the low byte, 0, reaches the caller.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    int all = 0;
    int result;

    start(argc);
    result = fork_writers(argc, argv, write_record);
    for (;;) {
        int status;
        pid_t pid = wait(&status);

        if (pid > 0)
            all |= status;
        else if (errno != EINTR)
            break;
    }
    if (all != 0)
        fprintf(stderr, "forkwrite: a writer failed\n");
    pthread_mutex_destroy(mutex);
    return result == 0 ? all : 1;
}
