/*
 * After the last process it is nobody's turn: the first one is forgotten, and
 * a second round never begins.
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
        result = put_alone(fd, "turn %d %d\n", r, i);
    if (result == 0)
        baton->next = i + 1;
    else
        baton->failed = 1;
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
