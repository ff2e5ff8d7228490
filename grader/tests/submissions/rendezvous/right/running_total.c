/*
 * Right, with a total of arrivals that only ever grows: the k-th time a
 * process comes, it waits for k * N of them. Nothing is reset, so nothing can
 * be reset too early.
 */
#include "../rendezvous.h"

struct total {
    pthread_mutex_t mutex;
    pthread_cond_t grown;
    long arrivals;
};

static struct total *total;
static long goal; /* of this process */

static int meet(void)
{
    goal += processes;
    if (lock(&total->mutex) != 0)
        return -1;
    total->arrivals++;
    if (total->arrivals == goal)
        pthread_cond_broadcast(&total->grown);
    while (total->arrivals < goal)
        pthread_cond_wait(&total->grown, &total->mutex);
    return unlock(&total->mutex);
}

static int child(int i)
{
    return take_part(i, meet);
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    total = share(sizeof *total);
    init_mutex(&total->mutex);
    init_condition(&total->grown);
    return run_children(child);
}
