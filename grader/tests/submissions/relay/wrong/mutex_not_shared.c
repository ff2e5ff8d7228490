/*
 * The mutex lies in shared memory but was not made PTHREAD_PROCESS_SHARED:
 * whoever finds it held sleeps where no other process can wake it.
 */
#include "../relay.h"

static int turn(int r, int i)
{
    int result = -1;

    if (lock(mutex) != 0)
        return -1;
    while (baton->next != i && !baton->failed)
        pthread_cond_wait(&baton->passed, mutex);
    if (!baton->failed)
        result = take_turn(r, i);
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
    errno = pthread_mutex_init(mutex, NULL);
    if (errno != 0)
        die("pthread_mutex_init");
    return run_children(child);
}
