/*
 * No semaphore: process i sleeps i * 20 ms, in the hope that those before it
 * have left by then.
 */
#include "../gate.h"

static int visit(int i)
{
    struct timespec rest = {.tv_sec = i / 50, .tv_nsec = i % 50 * 20000000L};

    while (nanosleep(&rest, &rest) != 0)
        if (errno != EINTR)
            return complain("nanosleep");
    return stay(i);
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    return run_children(visit);
}
