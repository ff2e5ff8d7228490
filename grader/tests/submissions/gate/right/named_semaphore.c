/*
 * Right, with a named POSIX semaphore, a mapped file. Its name goes at once:
 * the children inherit the mapping.
 */
#include "../gate.h"

#include <semaphore.h>

static sem_t *semaphore;

static void open_semaphore(void)
{
    char name[40];

    snprintf(name, sizeof name, "/gate-%ld", (long)getpid());
    semaphore = sem_open(name, O_CREAT | O_EXCL, 0600, (unsigned)places);
    if (semaphore == SEM_FAILED)
        die("sem_open");
    if (sem_unlink(name) != 0)
        die("sem_unlink");
}

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
    open_semaphore();
    return run_children(visit);
}
