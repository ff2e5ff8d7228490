/*
 * The semaphore begins with K - 1 places, but one at the least: with K of 2
 * or more, K are never inside at once.
 */
#include "../gate.h"

#include <semaphore.h>

static sem_t *semaphore;

static int visit(int i)
{
    int result;

    while (sem_wait(semaphore) != 0)
        if (errno != EINTR)
            return complain("sem_wait");
    result = stay(i);
    if (sem_post(semaphore) != 0)
        return complain("sem_post");
    return result;
}

int main(int argc, char **argv)
{
    int value;

    begin(argc, argv);
    value = places > 1 ? places - 1 : 1;
    semaphore = share(sizeof *semaphore);
    if (sem_init(semaphore, 1, (unsigned)value) != 0)
        die("sem_init");
    return run_children(visit);
}
