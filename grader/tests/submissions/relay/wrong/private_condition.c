/*
 * The condition variable is a static variable: each process waits on, and
 * signals, a copy of its own.
 */
#include "../relay.h"

static pthread_cond_t passed;

static int turn(int r, int i)
{
    int result = -1;

    if (lock(mutex) != 0)
        return -1;
    while (baton->next != i && !baton->failed)
        pthread_cond_wait(&passed, mutex);
    if (!baton->failed)
        result = take_turn(r, i);
    pthread_cond_broadcast(&passed);
    return unlock(mutex) == 0 ? result : -1;
}

static int child(int i)
{
    return take_all(i, turn);
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    baton = share(sizeof *baton);
    init_condition(&passed);
    return run_children(child);
}
