/*
 * No barrier: each process goes through its rounds as fast as it can.
 */
#include "../rendezvous.h"

static int meet(void)
{
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
