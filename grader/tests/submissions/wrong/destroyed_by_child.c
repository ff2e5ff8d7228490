/*
 * A child destroys the mutex when it is done with it, though the others may
 * still need it: they find it unusable and give up.
 */
#include "../common.h"

static pid_t parent;

static int writer(const char *path, const char *record)
{
    int result = write_record(path, record);

    if (getpid() != parent)
        pthread_mutex_destroy(mutex);
    return result;
}

int main(int argc, char **argv)
{
    int result;

    start(argc);
    parent = getpid();
    result = fork_writers(argc, argv, writer);
    return reap_all() == 0 && result == 0 ? 0 : 1;
}
