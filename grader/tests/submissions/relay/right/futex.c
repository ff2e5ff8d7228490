/*
 * Right, with a futex by hand: the word counts the turns, or says that there
 * will be no more. If a process fails or is killed the parent writes that.
 */
#include "../relay.h"

#define NO_MORE UINT_MAX

static volatile unsigned *turns;

static void give_up(void)
{
    __atomic_store_n(turns, NO_MORE, __ATOMIC_RELEASE);
    futex_wake_all(turns);
}

static int turn(int r, int i)
{
    unsigned mine = (unsigned)r * (unsigned)processes + (unsigned)i;
    unsigned seen;

    while ((seen = __atomic_load_n(turns, __ATOMIC_ACQUIRE)) != mine) {
        if (seen == NO_MORE)
            return -1;
        futex_wait(turns, seen);
    }
    if (put_alone(fd, "turn %d %d\n", r, i) != 0)
        return -1;
    if (!__atomic_compare_exchange_n(turns, &seen, mine + 1, 0,
                                     __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        return -1;
    futex_wake_all(turns);
    return 0;
}

static int child(int i)
{
    return take_all(i, turn);
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    turns = share(sizeof *turns);
    return run_guarded(child, give_up);
}
