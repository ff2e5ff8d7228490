/*
 * A process whose write fails gives up at once and comes to the barrier no
 * more: the others wait for it for ever.
 */
#include "../rendezvous.h"

static pthread_barrier_t *barrier;

static int child(int i)
{
    for (int r = 0; r < rounds; r++) {
        if (put(fd, "arrive %d %d\n", r, i) != 0)
            return -1;
        if (meet_at(barrier) != 0)
            return -1;
        if (put(fd, "depart %d %d\n", r, i) != 0)
            return -1;
        if (meet_at(barrier) != 0)
            return -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    barrier = share(sizeof *barrier);
    init_barrier(barrier, processes);
    return run_children(child);
}
