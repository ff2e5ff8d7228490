/*
 * The parent reaps its children but does not look at how they ended: a
 * record that a child could not write leaves the exit status at 0.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    int result;

    start(argc);
    result = fork_writers(argc, argv, write_record);
    while (wait(NULL) > 0 || errno == EINTR)
        ;
    pthread_mutex_destroy(mutex);
    return result == 0 ? 0 : 1;
}
