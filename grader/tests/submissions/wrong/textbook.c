/*
 * The textbook's own "fixed" program, the only one here with several
 * mistakes: it opens without O_APPEND, adds -1 to its counter on EINTR, lets
 * the child destroy the mutex, and has the child, not the parent, wait.
 */
#include "../common.h"

static void append(const char *path, const char *record)
{
    size_t size;
    char *line = make_line(record, &size);
    int length = (int)size;
    int written = 0;
    int fd = open(path, O_WRONLY | O_CREAT, 0644);

    if (fd < 0)
        die(path);
    pthread_mutex_lock(mutex);
    while (written < length)
        written += (int)write(fd, line + written, (size_t)(length - written));
    pthread_mutex_unlock(mutex);
    close(fd);
    free(line);
}

int main(int argc, char **argv)
{
    start(argc);
    for (int i = 2; i < argc - 1; i++) {
        pid_t pid = fork();

        if (pid < 0)
            die("fork");
        if (pid == 0) {
            append(argv[1], argv[i]);
            wait(NULL);
            pthread_mutex_destroy(mutex);
            exit(0);
        }
    }
    append(argv[1], argv[argc - 1]);
    return 0;
}
