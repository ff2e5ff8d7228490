/*
 * Right, with a futex by hand: the last one to come resets the count before
 * it moves the generation on, and all others sleep on the generation.
 */
#include "../rendezvous.h"

struct barrier {
    volatile unsigned arrived;
    volatile unsigned generation;
};

static struct barrier *barrier;

static int meet(void)
{
    unsigned mine = __atomic_load_n(&barrier->generation, __ATOMIC_ACQUIRE);
    unsigned arrived = __atomic_add_fetch(&barrier->arrived, 1,
                                          __ATOMIC_ACQ_REL);

    if (arrived == (unsigned)processes) {
        __atomic_store_n(&barrier->arrived, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&barrier->generation, mine + 1, __ATOMIC_RELEASE);
        futex_wake_all(&barrier->generation);
        return 0;
    }
    while (__atomic_load_n(&barrier->generation, __ATOMIC_ACQUIRE) == mine)
        futex_wait(&barrier->generation, mine);
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
    return run_children(child);
}
