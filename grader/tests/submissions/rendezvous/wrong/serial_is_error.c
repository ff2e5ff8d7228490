/*
 * Takes any result but 0 for a failure. PTHREAD_BARRIER_SERIAL_THREAD is none:
 * one process gets it at each barrier, gives up, and is missing at the next.
 */
#include "../rendezvous.h"

static pthread_barrier_t *barrier;

static int meet(void)
{
    if (pthread_barrier_wait(barrier) != 0)
        return complain("pthread_barrier_wait");
    return 0;
}

static int child(int i)
{
    return take_part(i, meet);
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    barrier = share(sizeof *barrier);
    init_barrier(barrier, processes);
    return run_children(child);
}
