/*
 * Right, with a pthread_barrier for the arrivals and another for the
 * departures. The last departure needs none: nobody arrives after it.
 */
#include "../rendezvous.h"

static pthread_barrier_t *barriers;

static int child(int i)
{
    int result = 0;

    for (int r = 0; r < rounds; r++) {
        if (r > 0 && meet_at(&barriers[1]) != 0)
            return -1;
        if (result == 0)
            result = put(fd, "arrive %d %d\n", r, i);
        if (meet_at(&barriers[0]) != 0)
            return -1;
        if (result == 0)
            result = put(fd, "depart %d %d\n", r, i);
    }
    return result;
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    barriers = share(2 * sizeof *barriers);
    init_barrier(&barriers[0], processes);
    init_barrier(&barriers[1], processes);
    return run_children(child);
}
