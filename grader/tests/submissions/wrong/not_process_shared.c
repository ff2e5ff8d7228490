/*
 * The mutex lies in shared memory but was not made PTHREAD_PROCESS_SHARED:
 * whoever finds it held sleeps where no other process can wake it.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    check_usage(argc);
    install_handler();
    mutex = share(sizeof *mutex);
    errno = pthread_mutex_init(mutex, NULL);
    if (errno != 0)
        die("pthread_mutex_init");
    return run(argc, argv, write_record);
}
