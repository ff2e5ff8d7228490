/*
 * The semaphore lies in shared memory, but sem_init's pshared is 0: whoever
 * finds no place sleeps where no other process can wake it.
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
    begin(argc, argv);
    semaphore = share(sizeof *semaphore);
    if (sem_init(semaphore, 0, (unsigned)places) != 0)
        die("sem_init");
    return run_children(visit);
}
