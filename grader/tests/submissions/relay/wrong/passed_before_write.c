/*
 * Makes it the next one's turn and releases the mutex before its own line is
 * written. It takes the mutex again for that, so the line is whole, but it may
 * be late.
 */
#include "../relay.h"

static int put_late(int r, int i)
{
    int result;

    if (lock(mutex) != 0)
        return -1;
    result = put_alone(fd, "turn %d %d\n", r, i);
    if (result != 0) {
        baton->failed = 1;
        pthread_cond_broadcast(&baton->passed);
    }
    return unlock(mutex) == 0 ? result : -1;
}

static int turn(int r, int i)
{
    int failed;

    if (lock(mutex) != 0)
        return -1;
    while (baton->next != i && !baton->failed)
        pthread_cond_wait(&baton->passed, mutex);
    failed = baton->failed;
    baton->next = (i + 1) % processes;
    pthread_cond_broadcast(&baton->passed);
    if (unlock(mutex) != 0 || failed)
        return -1;
    return put_late(r, i);
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
