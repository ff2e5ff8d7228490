/*
 * Process 0 makes the barrier anew before each round, and so forgets whoever
 * has come to it already.
 */
#include "../rendezvous.h"

static pthread_barrier_t *barrier;

static int child(int i)
{
    int result = 0;

    for (int r = 0; r < rounds; r++) {
        if (i == 0)
            init_barrier(barrier, processes);
        if (result == 0)
            result = put(fd, "arrive %d %d\n", r, i);
        if (meet_at(barrier) != 0)
            return -1;
        if (result == 0)
            result = put(fd, "depart %d %d\n", r, i);
        if (meet_at(barrier) != 0)
            return -1;
    }
    return result;
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    barrier = share(sizeof *barrier);
    init_barrier(barrier, processes);
    return run_children(child);
}
