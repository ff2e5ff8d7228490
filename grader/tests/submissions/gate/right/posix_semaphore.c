/*
 * Right, with a POSIX semaphore of K places in shared memory.
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
    int status;

    begin(argc, argv);
    semaphore = share(sizeof *semaphore);
    if (sem_init(semaphore, 1, (unsigned)places) != 0)
        die("sem_init");
    status = run_children(visit);
    sem_destroy(semaphore);
    return status;
}
