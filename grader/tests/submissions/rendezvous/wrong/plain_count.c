/*
 * The total of arrivals is a plain integer that is incremented without a
 * lock: of two at the same time one is lost, and all wait for ever.
 */
#include "../rendezvous.h"

static volatile unsigned *arrivals;
static unsigned goal; /* of this process */

static int meet(void)
{
    unsigned seen;

    goal += (unsigned)processes;
    *arrivals = *arrivals + 1;
    futex_wake_all(arrivals);
    while ((seen = *arrivals) < goal)
        futex_wait(arrivals, seen);
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
