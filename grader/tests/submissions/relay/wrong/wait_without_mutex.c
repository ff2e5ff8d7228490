/*
 * Calls pthread_cond_wait without holding the mutex, as if that took it: a
 * process that has just looked, and does not sleep yet, misses its turn.
 */
#include "../relay.h"

static int turn(int r, int i)
{
    int result = -1;

    while (baton->next != i && !baton->failed)
        pthread_cond_wait(&baton->passed, mutex);
    if (!baton->failed)
        result = take_turn(r, i);
    pthread_cond_broadcast(&baton->passed);
    return unlock(mutex) == 0 ? result : -1;
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
