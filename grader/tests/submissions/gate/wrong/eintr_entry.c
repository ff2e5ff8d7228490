/*
 * Looks only for errors other than EINTR: a signal that ends sem_wait lets
 * the process in without a place.
 */
#include "../gate.h"

#include <semaphore.h>

static sem_t *semaphore;

static int visit(int i)
{
    int result;

    if (sem_wait(semaphore) != 0 && errno != EINTR)
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
    if (sem_init(semaphore, 1, (unsigned)places) != 0)
        die("sem_init");
    return run_children(visit);
}
