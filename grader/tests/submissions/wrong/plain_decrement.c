/*
 * A semaphore by hand whose "down" decrements the value with one instruction
 * but without LOCK: on a machine with several processors that is a load and
 * a store, and what another process does in between is lost.
 */
#include "../common.h"

struct semaphore {
    volatile int value;
    volatile unsigned wake_ups;
};

static struct semaphore *semaphore;

/* True if the value is below zero now. */
static int decrement(volatile int *value)
{
#if defined(__x86_64__)
    int below;

    __asm__ volatile("decl %1" : "=@ccs"(below), "+m"(*value) : : "memory");
    return below;
#else
    return --*value < 0;
#endif
}

/* Takes one of the wake-ups that up() has left, if there is one. */
static int take_wake_up(void)
{
    unsigned left = __atomic_load_n(&semaphore->wake_ups, __ATOMIC_SEQ_CST);

    while (left > 0)
        if (__atomic_compare_exchange_n(&semaphore->wake_ups, &left, left - 1,
                                        0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            return 1;
    return 0;
}

static void down(void)
{
    if (decrement(&semaphore->value))
        while (!take_wake_up())
            futex_wait(&semaphore->wake_ups, 0);
}

static void up(void)
{
    if (__atomic_add_fetch(&semaphore->value, 1, __ATOMIC_SEQ_CST) <= 0) {
        __atomic_add_fetch(&semaphore->wake_ups, 1, __ATOMIC_SEQ_CST);
        futex_wake(&semaphore->wake_ups);
    }
}

static int writer(const char *path, const char *record)
{
    int fd = open_file(path);
    int result;

    down();
    result = put_unlocked(fd, record, write_all);
    up();
    return result;
}

int main(int argc, char **argv)
{
    int result;

    check_usage(argc);
    install_handler();
    semaphore = share(sizeof *semaphore);
    semaphore->value = 1;
    result = fork_writers(argc, argv, writer);
    return reap_all() == 0 && result == 0 ? 0 : 1;
}
