/*
 * One wait a round, between arriving and departing: a fast process arrives in
 * the next round before the others have departed.
 */
#include "../rendezvous.h"

static pthread_barrier_t *barrier;

static int child(int i)
{
    int result = 0;

    for (int r = 0; r < rounds; r++) {
        if (result == 0)
            result = put(fd, "arrive %d %d\n", r, i);
        if (meet_at(barrier) != 0)
            return -1;
        if (result == 0)
            result = put(fd, "depart %d %d\n", r, i);
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
