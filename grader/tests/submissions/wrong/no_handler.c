/*
 * Installs no SIGUSR1 handler: the signal kills whichever process it reaches.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    check_usage(argc);
    mutex = share(sizeof *mutex);
    init_mutex(mutex);
    return run(argc, argv, write_record);
}
