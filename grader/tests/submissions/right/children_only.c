/*
 * Right: children write all the records, the parent only waits. It takes
 * each by its own process id and looks at how it ended.
 */
#include "../common.h"

/* True if the child ended with status 0. */
static int reaped_well(pid_t child)
{
    int status;

    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            complain("waitpid");
            return 0;
        }
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
    pid_t *children;
    int forked = 0;
    int wanted = argc - 2;
    int well = 0;

    start(argc);
    children = calloc((size_t)wanted, sizeof *children);
    if (children == NULL)
        die("calloc");
    while (forked < wanted) {
        pid_t pid = fork();

        if (pid < 0) {
            complain("fork");
            break;
        }
        if (pid == 0)
            _exit(write_record(argv[1], argv[2 + forked]) == 0 ? 0 : 1);
        children[forked++] = pid;
    }
    for (int i = 0; i < forked; i++)
        well += reaped_well(children[i]);
    pthread_mutex_destroy(mutex);
    free(children);
    if (well == wanted)
        return 0;
    fprintf(stderr, "forkwrite: %d of %d records written\n", well, wanted);
    return 1;
}
