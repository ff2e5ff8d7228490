/*
 * A barrier by hand that waits for its count to be reset: a fast process that
 * comes again counts itself before a slow one has seen the reset, and the slow
 * one goes on waiting.
 */
#include "../rendezvous.h"

struct barrier {
    pthread_mutex_t mutex;
    pthread_cond_t complete;
    int arrived;
};

static struct barrier *barrier;

static int meet(void)
{
    if (lock(&barrier->mutex) != 0)
        return -1;
    if (++barrier->arrived == processes) {
        barrier->arrived = 0;
        pthread_cond_broadcast(&barrier->complete);
    } else {
        while (barrier->arrived != 0)
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
