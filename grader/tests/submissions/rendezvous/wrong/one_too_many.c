/*
 * The barrier waits for N + 1, as if the parent came to it too.
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
    begin(argc, argv);
    barrier = share(sizeof *barrier);
    init_barrier(barrier, processes + 1);
    return run_children(child);
}
