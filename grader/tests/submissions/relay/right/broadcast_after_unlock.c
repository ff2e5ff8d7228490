/*
 * Right, and it wakes the others only after it has released the mutex: none
 * of them wakes up just to wait for that. Whose turn it is was still changed
 * under the mutex, so no wake-up is lost.
 */
#include "../relay.h"

static int turn(int r, int i)
{
    int result = -1;

    if (lock(mutex) != 0)
        return -1;
    while (baton->next != i && !baton->failed)
        pthread_cond_wait(&baton->passed, mutex);
    if (!baton->failed)
        result = take_turn(r, i);
    if (unlock(mutex) != 0)
        result = -1;
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
