/*
 * The mutex lies in a mapping made before the fork, but with MAP_PRIVATE:
 * each process locks its own copy.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    check_usage(argc);
    install_handler();
    mutex = mmap(NULL, sizeof *mutex, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mutex == MAP_FAILED)
        die("mmap");
    init_mutex(mutex);
    return run(argc, argv, write_record);
}
