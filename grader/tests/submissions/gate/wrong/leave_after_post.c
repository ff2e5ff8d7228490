/*
 * Gives its place back first and writes its "leave" line afterwards: the next
 * one can come in before that line.
 */
#include "../gate.h"

#include <semaphore.h>

static sem_t *semaphore;

static int visit(int i)
{
    int fd = open_file(path);
    int result;

    while (sem_wait(semaphore) != 0)
        if (errno != EINTR)
            return complain("sem_wait");
    result = fd < 0 ? -1 : put(fd, "enter %d\n", i);
    if (sem_post(semaphore) != 0)
        return complain("sem_post");
    if (result == 0)
        result = put(fd, "leave %d\n", i);
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
