/*
 * Changes whose turn it is, and signals, without the mutex: a process that has
 * just looked, and does not sleep yet, misses it for ever.
 */
#include "../relay.h"

static int turn(int r, int i)
{
    int result = -1;

    if (lock(mutex) != 0)
        return -1;
    while (baton->next != i && !baton->failed)
        pthread_cond_wait(&baton->passed, mutex);
    if (unlock(mutex) != 0)
        return -1;
    if (!baton->failed)
        result = take_turn(r, i);
    pthread_cond_broadcast(&baton->passed);
    return result;
}

static int child(int i)
{
    return take_all(i, turn);
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    init_baton();
    return run_children(child);
}
