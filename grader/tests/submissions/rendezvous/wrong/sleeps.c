/*
 * Sleeps 20 ms instead of waiting, in the hope that all have come by then.
 */
#include "../rendezvous.h"

static int meet(void)
{
    struct timespec rest = {.tv_sec = 0, .tv_nsec = 20000000L};

    while (nanosleep(&rest, &rest) != 0)
        if (errno != EINTR)
            return complain("nanosleep");
    return 0;
}

static int child(int i)
{
    return take_part(i, meet);
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    return run_children(child);
}
