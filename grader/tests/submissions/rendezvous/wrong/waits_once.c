/*
 * The parent waits for one child only, however many there are.
 */
#include "../rendezvous.h"

static pthread_barrier_t *barrier;

static int meet(void)
{
    return meet_at(barrier);
}

static int child(int i)
{
    return take_part(i, meet);
}

int main(int argc, char **argv)
{
    int status;

    begin(argc, argv);
    barrier = share(sizeof *barrier);
    init_barrier(barrier, processes);
    if (fork_children(child) != 0)
        return 1;
    while (wait(&status) < 0)
        if (errno != EINTR)
            die("wait");
    return status == 0 ? 0 : 1;
}
