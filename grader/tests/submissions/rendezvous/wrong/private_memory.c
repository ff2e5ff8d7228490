/*
 * The barrier lies in a MAP_PRIVATE mapping: after fork each process has a
 * copy of its own, to which nobody else comes.
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
    barrier = mmap(NULL, sizeof *barrier, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (barrier == MAP_FAILED)
        die("mmap");
    init_barrier(barrier, processes);
    return run_children(child);
}
