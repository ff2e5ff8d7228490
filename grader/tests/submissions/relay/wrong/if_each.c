/*
 * Waits under "if" on a condition variable of its own. Nobody signals it
 * early, but pthread_cond_wait may return without any signal.
 */
#include "../relay.h"

static pthread_cond_t *mine; /* an array, indexed by the process */

static int turn(int r, int i)
{
    int result = -1;

    if (lock(mutex) != 0)
        return -1;
    if (baton->next != i && !baton->failed)
        pthread_cond_wait(&mine[i], mutex);
    if (!baton->failed)
        result = take_turn(r, i);
    if (result == 0)
        pthread_cond_signal(&mine[baton->next]);
    else
        for (int other = 0; other < processes; other++)
            pthread_cond_signal(&mine[other]);
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
    mine = share((size_t)processes * sizeof *mine);
    for (int i = 0; i < processes; i++)
        init_condition(&mine[i]);
    return run_children(child);
}
