/*
 * Right, with a futex lock by hand in shared memory: 0 free, 1 held, 2 held
 * and someone may sleep. Every step on the word is atomic.
 */
#include "../common.h"

static volatile unsigned *word;

static void take(void)
{
    unsigned free_value = 0;

    if (__atomic_compare_exchange_n(word, &free_value, 1, 0, __ATOMIC_ACQUIRE,
                                    __ATOMIC_RELAXED))
        return;
    while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE) != 0)
        futex_wait(word, 2);
}

static void release(void)
{
    if (__atomic_exchange_n(word, 0, __ATOMIC_RELEASE) == 2)
        futex_wake(word);
}

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);
    int result;

    if (fd < 0)
        return -1;
    take();
    result = put_unlocked(fd, record, write_all);
    release();
    return result;
}

int main(int argc, char **argv)
{
    int result;

    check_usage(argc);
    install_handler();
    word = share(sizeof *word);
    result = fork_writers(argc, argv, writer);
    return reap_all() == 0 && result == 0 ? 0 : 1;
}
