/*
 * Right, with a barrier made of a mutex and a condition variable. A generation
 * number tells those who still have to wake up from those who come again.
 */
#include "../rendezvous.h"

struct barrier {
    pthread_mutex_t mutex;
    pthread_cond_t complete;
    int arrived;
    unsigned generation;
};

static struct barrier *barrier;

static int meet(void)
{
    unsigned mine;

    if (lock(&barrier->mutex) != 0)
        return -1;
    mine = barrier->generation;
    if (++barrier->arrived == processes) {
        barrier->arrived = 0;
        barrier->generation++;
        pthread_cond_broadcast(&barrier->complete);
    } else {
        while (barrier->generation == mine)
            pthread_cond_wait(&barrier->complete, &barrier->mutex);
    }
    return unlock(&barrier->mutex);
}

static int child(int i)
{
    return take_part(i, meet);
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    barrier = share(sizeof *barrier);
    init_mutex(&barrier->mutex);
    init_condition(&barrier->complete);
    return run_children(child);
}
