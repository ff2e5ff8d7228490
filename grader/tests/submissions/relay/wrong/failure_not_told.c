/*
 * A process whose write fails ends without telling the others, who wait for
 * its turn to be over for ever.
 */
#include "../relay.h"

static int turn(int r, int i)
{
    if (lock(mutex) != 0)
        return -1;
    while (baton->next != i)
        pthread_cond_wait(&baton->passed, mutex);
    if (put_alone(fd, "turn %d %d\n", r, i) != 0) {
        unlock(mutex);
        return -1;
    }
    baton->next = (i + 1) % processes;
    pthread_cond_broadcast(&baton->passed);
    return unlock(mutex);
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
