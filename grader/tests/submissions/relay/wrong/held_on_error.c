/*
 * A process whose write fails ends with the mutex held, and the others sleep
 * for ever.
 */
#include "../relay.h"

static int turn(int r, int i)
{
    if (lock(mutex) != 0)
        return -1;
    while (baton->next != i && !baton->failed)
        pthread_cond_wait(&baton->passed, mutex);
    if (baton->failed || take_turn(r, i) != 0)
        return -1;
    pthread_cond_broadcast(&baton->passed);
    return unlock(mutex);
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
