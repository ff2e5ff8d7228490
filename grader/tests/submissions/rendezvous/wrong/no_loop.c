/*
 * One write a line, and what it says of the number of bytes is ignored.
 */
#include "../rendezvous.h"

static pthread_barrier_t *barrier;

static int put_once(const char *what, int r, int i)
{
    char line[40];
    int length = snprintf(line, sizeof line, "%s %d %d\n", what, r, i);
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

static int child(int i)
{
    int result = 0;

    for (int r = 0; r < rounds; r++) {
        if (result == 0)
            result = put_once("arrive", r, i);
        if (meet_at(barrier) != 0)
            return -1;
        if (result == 0)
            result = put_once("depart", r, i);
        if (meet_at(barrier) != 0)
            return -1;
    }
    return result;
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    barrier = share(sizeof *barrier);
    init_barrier(barrier, processes);
    return run_children(child);
}
