/*
 * Never sleeps at the gate: it looks once a millisecond whether a place is
 * free.
 */
#include "../gate.h"

#include <semaphore.h>

static sem_t *semaphore;

static int visit(int i)
{
    int result;

    while (sem_trywait(semaphore) != 0) {
        if (errno != EAGAIN && errno != EINTR)
            return complain("sem_trywait");
        usleep(1000);
    }
    result = stay(i);
    if (sem_post(semaphore) != 0)
        return complain("sem_post");
    return result;
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    semaphore = share(sizeof *semaphore);
    if (sem_init(semaphore, 1, (unsigned)places) != 0)
        die("sem_init");
    return run_children(visit);
}
