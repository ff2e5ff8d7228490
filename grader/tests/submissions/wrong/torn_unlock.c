/*
 * A futex lock by hand: 0 free, 1 held, 2 held and someone may sleep. Its
 * unlock looks for sleepers and frees the lock in two steps: who falls asleep
 * in between is never woken.
 */
#include "../common.h"

static volatile unsigned *word;

static void take(void)
{
    unsigned free_value = 0;

    if (__atomic_compare_exchange_n(word, &free_value, 1, 0, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST))
        return;
    while (__atomic_exchange_n(word, 2, __ATOMIC_SEQ_CST) != 0)
        futex_wait(word, 2);
}

static void release(void)
{
    int someone_sleeps = *word == 2;

    *word = 0;
    if (someone_sleeps)
        futex_wake(word);
}

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);
    int result;

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
