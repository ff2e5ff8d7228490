/*
 * Right: asks for ended children again and again (WNOHANG), with a nap in
 * between, instead of sleeping until one ends.
 */
#include "../common.h"

static int reap_by_asking(void)
{
    int result = 0;

    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);

        if (pid == 0) {
            usleep(1000);
            continue;
        }
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid < 0 && errno == ECHILD)
            return result;
        if (pid < 0)
            return complain("waitpid");
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            result = -1;
    }
}

int main(int argc, char **argv)
{
    int result;

    start(argc);
    result = fork_writers(argc, argv, write_record);
    return reap_by_asking() == 0 && result == 0 ? 0 : 1;
}
