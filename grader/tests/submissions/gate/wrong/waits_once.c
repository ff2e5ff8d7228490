/*
 * The parent waits for one child only, however many there are.
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
    if (fork_children(visit) != 0)
        return 1;
    while (wait(&status) < 0)
        if (errno != EINTR)
            die("wait");
    return status == 0 ? 0 : 1;
}
