/*
 * Never sleeps until it is told: it looks once a millisecond whose turn it is.
 */
#include "../relay.h"

static int turn(int r, int i)
{
    while (__atomic_load_n(&baton->next, __ATOMIC_ACQUIRE) != i) {
        if (__atomic_load_n(&baton->failed, __ATOMIC_ACQUIRE))
            return -1;
        usleep(1000);
    }
    if (put_alone(fd, "turn %d %d\n", r, i) != 0) {
        __atomic_store_n(&baton->failed, 1, __ATOMIC_RELEASE);
        return -1;
    }
    __atomic_store_n(&baton->next, (i + 1) % processes, __ATOMIC_RELEASE);
    return 0;
}

static int child(int i)
{
    return take_all(i, turn);
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    baton = share(sizeof *baton);
    return run_children(child);
}
