/*
 * The parent puts its record into a stdio buffer and forks before the buffer
 * is written out: every child inherits the buffer and writes it too.
 */
#include "../common.h"

/* Writes the buffer out under the lock. */
static int flush(FILE *file)
{
    int result = 0;

    if (lock(mutex) != 0)
        return -1;
    if (fflush(file) != 0)
        result = complain("fflush");
    return unlock(mutex) == 0 ? result : -1;
}

int main(int argc, char **argv)
{
    FILE *file;
    int result;

    start(argc);
    file = fopen(argv[1], "a");
    if (file == NULL)
        die(argv[1]);
    if (fprintf(file, "%s\n", argv[argc - 1]) < 0)
        die("fprintf");
    for (int i = 2; i < argc - 1; i++) {
        pid_t pid = fork();

        if (pid < 0)
            die("fork");
        if (pid == 0) {
            if (fprintf(file, "%s\n", argv[i]) < 0)
                die("fprintf");
            _exit(flush(file) == 0 ? 0 : 1);
        }
    }
    result = flush(file);
    return reap_all() == 0 && result == 0 ? 0 : 1;
}
