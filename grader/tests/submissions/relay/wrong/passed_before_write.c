/*
 * Makes it the next one's turn and releases the mutex before its own line is
 * written. It takes the mutex again for that, so the line is whole, but it may
 * be late.
 */
#include "../relay.h"

static int turn(int r, int i)
{
    if (lock(mutex) != 0)
        return -1;
    while (baton->next != i)
        pthread_cond_wait(&baton->passed, mutex);
    baton->next = (i + 1) % processes;
    pthread_cond_broadcast(&baton->passed);
    if (unlock(mutex) != 0)
        return -1;
    return put(fd, "turn %d %d\n", r, i);
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
