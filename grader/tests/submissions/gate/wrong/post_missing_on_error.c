/*
 * Gives its place back only when all went well: a process whose write fails
 * takes it along, and the others sleep for ever.
 */
#include "../gate.h"

#include <semaphore.h>

static sem_t *semaphore;

static int visit(int i)
{
    while (sem_wait(semaphore) != 0)
        if (errno != EINTR)
            return complain("sem_wait");
    if (stay(i) != 0)
        return -1;
    if (sem_post(semaphore) != 0)
        return complain("sem_post");
    return 0;
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    semaphore = share(sizeof *semaphore);
    if (sem_init(semaphore, 1, (unsigned)places) != 0)
        die("sem_init");
    return run_children(visit);
}
