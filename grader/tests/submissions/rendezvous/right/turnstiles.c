/*
 * Right, with a barrier made of semaphores: the last to arrive opens the
 * first turnstile for all, the last to pass it opens the second. Nobody can
 * overtake, because each turnstile is closed again before the other opens.
 */
#include "../rendezvous.h"

#include <semaphore.h>

struct barrier {
    sem_t in;
    sem_t out;
    sem_t counting; /* value 1: a lock for the count */
    int count;
};

static struct barrier *barrier;

static int pass(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        if (errno != EINTR)
            return complain("sem_wait");
    return 0;
}

static int open_for_all(sem_t *turnstile)
{
    for (int i = 0; i < processes; i++)
        if (sem_post(turnstile) != 0)
            return complain("sem_post");
    return 0;
}

/* Counts by one, opens the turnstile at the goal, passes it. */
static int step(int by, int goal, sem_t *turnstile)
{
    int result = 0;

    if (pass(&barrier->counting) != 0)
        return -1;
    barrier->count += by;
    if (barrier->count == goal)
        result = open_for_all(turnstile);
    if (sem_post(&barrier->counting) != 0)
        return complain("sem_post");
    return result == 0 ? pass(turnstile) : -1;
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
    if (sem_init(&barrier->in, 1, 0) != 0 ||
        sem_init(&barrier->out, 1, 0) != 0 ||
        sem_init(&barrier->counting, 1, 1) != 0)
        die("sem_init");
    return run_children(child);
}
