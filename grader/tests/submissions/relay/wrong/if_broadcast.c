/*
 * Waits under "if": whoever is woken takes its turn, although a broadcast
 * wakes all and not only the one whose turn it is.
 */
#include "../relay.h"

static int turn(int r, int i)
{
    int result = -1;

    if (lock(mutex) != 0)
        return -1;
    if (baton->next != i && !baton->failed)
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
