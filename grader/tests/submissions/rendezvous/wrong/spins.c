/*
 * Never sleeps at the barrier: it reads the total of arrivals again and again
 * until all have come.
 */
#include "../rendezvous.h"

static volatile unsigned *arrivals;
static unsigned goal; /* of this process */

static int meet(void)
{
    goal += (unsigned)processes;
    __atomic_add_fetch(arrivals, 1, __ATOMIC_ACQ_REL);
    while (__atomic_load_n(arrivals, __ATOMIC_ACQUIRE) < goal)
        ;
    return 0;
}

static int child(int i)
{
    return take_part(i, meet);
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    arrivals = share(sizeof *arrivals);
    return run_children(child);
}
