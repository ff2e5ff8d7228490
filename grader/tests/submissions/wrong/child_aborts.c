/*
 * A child asserts what holds in the parent only, and dies of SIGABRT after
 * it has written its record.
 */
#include "../common.h"

#include <assert.h>

static pid_t last_child;

static int writer(const char *path, const char *record)
{
    int result = write_record(path, record);

    if (last_child == 0)
        assert(wait(NULL) > 0);
    return result;
}

int main(int argc, char **argv)
{
    int result;

    start(argc);
    for (int i = 2; i < argc - 1; i++) {
        last_child = fork();
        if (last_child < 0)
            die("fork");
        if (last_child == 0)
            _exit(writer(argv[1], argv[i]) == 0 ? 0 : 1);
    }
    result = write_record(argv[1], argv[argc - 1]);
    if (reap_all() != 0)
        result = -1;
    pthread_mutex_destroy(mutex);
    return result == 0 ? 0 : 1;
}
