/*
 * Waits for each child before it forks the next: a process for each record,
 * but never two at once.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    int result = 0;
    int fd;

    start(argc);
    fd = open_file(argv[1]);
    if (fd < 0)
        return 1;
    for (int i = 2; i < argc; i++) {
        pid_t pid = fork();

        if (pid < 0)
            die("fork");
        if (pid == 0)
            _exit(put_locked(fd, argv[i], write_all) == 0 ? 0 : 1);
        if (reap_all() != 0)
            result = -1;
    }
    pthread_mutex_destroy(mutex);
    return result == 0 ? 0 : 1;
}
