/*
 * The barrier lies in shared memory but was not made PTHREAD_PROCESS_SHARED:
 * the last one to come wakes nobody in the other processes.
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
    errno = pthread_barrier_init(barrier, NULL, (unsigned)processes);
    if (errno != 0)
        die("pthread_barrier_init");
    return run_children(child);
}
