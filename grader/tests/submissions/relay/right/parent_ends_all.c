/*
 * Right, with a mutex and a condition variable, and still proof against a
 * child that is killed: what that leaves of them nobody can tell, so the
 * parent sends SIGTERM to the others, and their handler ends them wherever
 * they are.
 */
#include "../relay.h"

static void on_sigterm(int signal_number)
{
    static const char message[] = "relay: ended, another process has failed\n";
    ssize_t n = write(2, message, sizeof message - 1);

    (void)n;
    (void)signal_number;
    _exit(1);
}

static void end_all(void)
{
    for (int i = 0; i < processes; i++)
        if (children[i] > 0)
            kill(children[i], SIGTERM);
}

/* SIGTERM has to wait until the line is whole. */
static int take_whole_turn(int r, int i)
{
    sigset_t sigterm;
    int result;

    sigemptyset(&sigterm);
    sigaddset(&sigterm, SIGTERM);
    sigprocmask(SIG_BLOCK, &sigterm, NULL);
    result = take_turn(r, i);
    sigprocmask(SIG_UNBLOCK, &sigterm, NULL);
    return result;
}

static int turn(int r, int i)
{
    int result = -1;

    if (lock(mutex) != 0)
        return -1;
    while (baton->next != i && !baton->failed)
        pthread_cond_wait(&baton->passed, mutex);
    if (!baton->failed)
        result = take_whole_turn(r, i);
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
    signal(SIGTERM, on_sigterm);
    return run_guarded(child, end_all);
}
