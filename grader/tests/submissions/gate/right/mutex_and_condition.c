/*
 * Right, with a semaphore made of a mutex and a condition variable: the free
 * places are counted under the mutex, and waited for in a loop.
 */
#include "../gate.h"

struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t freed;
    int available;
};

static struct gate *gate;

static int enter(void)
{
    if (lock(&gate->mutex) != 0)
        return -1;
    while (gate->available == 0)
        pthread_cond_wait(&gate->freed, &gate->mutex);
    gate->available--;
    return unlock(&gate->mutex);
}

static int leave(void)
{
    if (lock(&gate->mutex) != 0)
        return -1;
    gate->available++;
    pthread_cond_signal(&gate->freed);
    return unlock(&gate->mutex);
}

static int visit(int i)
{
    int result;

    if (enter() != 0)
        return -1;
    result = stay(i);
    return leave() == 0 ? result : -1;
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    gate = share(sizeof *gate);
    init_mutex(&gate->mutex);
    init_condition(&gate->freed);
    gate->available = places;
    return run_children(visit);
}
