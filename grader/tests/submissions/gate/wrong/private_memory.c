/*
 * The semaphore is a static variable: after fork each process has a copy of
 * its own, with K free places.
 */
#include "../gate.h"

#include <semaphore.h>

static sem_t semaphore;

static int visit(int i)
{
    int result;

    while (sem_wait(&semaphore) != 0)
        if (errno != EINTR)
            return complain("sem_wait");
    result = stay(i);
    if (sem_post(&semaphore) != 0)
        return complain("sem_post");
    return result;
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    if (sem_init(&semaphore, 1, (unsigned)places) != 0)
        die("sem_init");
    return run_children(visit);
}
