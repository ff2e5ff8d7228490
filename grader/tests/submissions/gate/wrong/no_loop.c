/*
 * One write a line, and what it says of the number of bytes is ignored.
 */
#include "../gate.h"

#include <semaphore.h>

static sem_t *semaphore;

static int put_once(int fd, const char *what, int i)
{
    char line[40];
    int length = snprintf(line, sizeof line, "%s %d\n", what, i);
    ssize_t n;

    if (lock(mutex) != 0)
        return -1;
    do
        n = write(fd, line, (size_t)length);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        complain("write");
    return unlock(mutex) == 0 && n >= 0 ? 0 : -1;
}

static int visit(int i)
{
    int fd = open_file(path);
    int result;

    while (sem_wait(semaphore) != 0)
        if (errno != EINTR)
            return complain("sem_wait");
    result = fd < 0 ? -1 : put_once(fd, "enter", i);
    if (result == 0)
        result = put_once(fd, "leave", i);
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
