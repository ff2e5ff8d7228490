/*
 * Each child initialises the semaphore before it uses it, and so gives back
 * the places that others have taken.
 */
#include "../gate.h"

#include <semaphore.h>

static sem_t *semaphore;

static int visit(int i)
{
    int result;

    if (sem_init(semaphore, 1, (unsigned)places) != 0)
        return complain("sem_init");
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
    begin(argc, argv);
    semaphore = share(sizeof *semaphore);
    return run_children(visit);
}
