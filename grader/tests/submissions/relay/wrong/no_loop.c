/*
 * One write a line, and what it says of the number of bytes is ignored.
 */
#include "../relay.h"

static int put_once(int r, int i)
{
    char line[40];
    int length = snprintf(line, sizeof line, "turn %d %d\n", r, i);
    ssize_t n;

    do
        n = write(fd, line, (size_t)length);
    while (n < 0 && errno == EINTR);
    return n < 0 ? complain("write") : 0;
}

static int turn(int r, int i)
{
    int result = -1;

    if (lock(mutex) != 0)
        return -1;
    while (baton->next != i && !baton->failed)
        pthread_cond_wait(&baton->passed, mutex);
    if (!baton->failed)
        result = put_once(r, i);
    if (result == 0)
        baton->next = (i + 1) % processes;
    else
        baton->failed = 1;
    pthread_cond_broadcast(&baton->passed);
    return unlock(mutex) == 0 ? result : -1;
}

static int child(int i)
{
    return take_all(i, turn);
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    init_baton();
    return run_children(child);
}
