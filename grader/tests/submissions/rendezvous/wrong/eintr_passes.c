/*
 * A barrier made of two turnstiles, right but for one thing: a signal that
 * ends sem_wait opens the turnstile.
 */
#include "../rendezvous.h"

#include <semaphore.h>

struct barrier {
    sem_t in;
    sem_t out;
    int count; /* under the mutex */
};

static struct barrier *barrier;

static int pass(sem_t *turnstile)
{
    if (sem_wait(turnstile) != 0 && errno != EINTR)
        return complain("sem_wait");
    return 0;
}

/* Counts by one, opens the turnstile for all at the goal, passes it. */
static int step(int by, int goal, sem_t *turnstile)
{
    if (lock(mutex) != 0)
        return -1;
    barrier->count += by;
    if (barrier->count == goal)
        for (int i = 0; i < processes; i++)
            sem_post(turnstile);
    return unlock(mutex) == 0 ? pass(turnstile) : -1;
}

static int meet(void)
{
    if (step(1, processes, &barrier->in) != 0)
        return -1;
    return step(-1, 0, &barrier->out);
}

static int child(int i)
{
    return take_part(i, meet);
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    barrier = share(sizeof *barrier);
    if (sem_init(&barrier->in, 1, 0) != 0 || sem_init(&barrier->out, 1, 0) != 0)
        die("sem_init");
    return run_children(child);
}
