/*
 * Right: the mutex lies in a memfd that is mapped with MAP_SHARED before the
 * fork, not in an anonymous mapping.
 */
#include "../common.h"

int main(int argc, char **argv)
{
    int fd;

    check_usage(argc);
    install_handler();
    fd = memfd_create("forkwrite", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, sizeof *mutex) != 0)
        die("memfd_create");
    mutex = mmap(NULL, sizeof *mutex, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mutex == MAP_FAILED)
        die("mmap");
    close(fd);
    init_mutex(mutex);
    return run(argc, argv, write_record);
}
