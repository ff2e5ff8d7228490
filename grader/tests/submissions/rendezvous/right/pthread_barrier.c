/*
 * Right, with a process-shared pthread_barrier in shared memory, which may be
 * used again as soon as the last one has come.
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
    status = run_children(child);
    if (status == 0) /* else a child may have died at it */
        pthread_barrier_destroy(barrier);
    return status;
}
