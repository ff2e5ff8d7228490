/*
 * Right: a chain. Each process forks the next one, writes its own record and
 * reaps its only child, so that a failure travels up to the first.
 */
#include "../common.h"

static int link_of_chain(const char *path, char **records)
{
    pid_t next = 0;
    int result;
    int status;

    if (records[1] != NULL) {
        next = fork();
        if (next < 0)
            return complain("fork");
        if (next == 0)
            _exit(link_of_chain(path, records + 1) == 0 ? 0 : 1);
    }
    result = write_record(path, records[0]);
    if (next == 0)
        return result;
    while (waitpid(next, &status, 0) < 0)
        if (errno != EINTR)
            return complain("waitpid");
    if (status != 0) {
        fprintf(stderr, "forkwrite: a writer failed\n");
        return -1;
    }
    return result;
}

int main(int argc, char **argv)
{
    int result;

    start(argc);
    result = link_of_chain(argv[1], argv + 2);
    pthread_mutex_destroy(mutex);
    return result == 0 ? 0 : 1;
}
