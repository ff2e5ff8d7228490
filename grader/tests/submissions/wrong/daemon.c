/*
 * Leaves a daemon behind, in a session of its own, that sleeps for ever.
 */
#include "../common.h"

/* Forks twice, so that the daemon is nobody's child. */
static void leave_daemon(void)
{
    int status;
    pid_t pid = fork();

    if (pid < 0)
        die("fork");
    if (pid == 0) {
        setsid();
        if (fork() != 0)
            _exit(0);
        close(STDIN_FILENO);
        close(STDOUT_FILENO);
        close(STDERR_FILENO);
        for (;;)
            pause();
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            die("waitpid");
}

int main(int argc, char **argv)
{
    start(argc);
    leave_daemon();
    return run(argc, argv, write_record);
}
