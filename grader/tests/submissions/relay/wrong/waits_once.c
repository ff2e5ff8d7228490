/*
 * The parent waits for one child only, however many there are.
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
    pthread_cond_broadcast(&baton->passed);
    return unlock(mutex) == 0 ? result : -1;
}

static int child(int i)
{
    return take_all(i, turn);
}

int main(int argc, char **argv)
{
    int status;

    begin(argc, argv);
    init_baton();
    if (fork_children(child) != 0)
        return 1;
    while (wait(&status) < 0)
        if (errno != EINTR)
            die("wait");
    return status == 0 ? 0 : 1;
}
