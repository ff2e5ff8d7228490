/*
 * Right, with a futex by hand: the word counts the free places, and every
 * step on it is atomic. Who finds none sleeps for as long as it is 0.
 */
#include "../gate.h"

static volatile unsigned *available;

static void enter(void)
{
    unsigned seen = __atomic_load_n(available, __ATOMIC_RELAXED);

    for (;;) {
        if (seen == 0) {
            futex_wait(available, 0);
            seen = __atomic_load_n(available, __ATOMIC_RELAXED);
        } else if (__atomic_compare_exchange_n(available, &seen, seen - 1, 0,
                                               __ATOMIC_ACQUIRE,
                                               __ATOMIC_RELAXED)) {
            return;
        }
    }
}

static void leave(void)
{
    __atomic_add_fetch(available, 1, __ATOMIC_RELEASE);
    futex_wake(available);
}

static int visit(int i)
{
    int result;

    enter();
    result = stay(i);
    leave();
    return result;
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    available = share(sizeof *available);
    *available = (unsigned)places;
    return run_children(visit);
}
