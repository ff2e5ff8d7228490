/*
 * A child does not end after its record but goes on with what follows in the
 * program, as if it were the parent.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    int result = 0;

    start(argc);
    for (int i = 2; i < argc - 1; i++) {
        pid_t pid = fork();

        if (pid < 0)
            die("fork");
        if (pid == 0 && write_record(argv[1], argv[i]) != 0)
            result = -1;
    }
    if (write_record(argv[1], argv[argc - 1]) != 0)
        result = -1;
    return reap_all() == 0 && result == 0 ? 0 : 1;
}
