/*
 * The gate is a mutex: never more than one is inside, whatever K is.
 */
#include "../gate.h"

static pthread_mutex_t *gate;

static int visit(int i)
{
    int result;

    if (lock(gate) != 0)
        return -1;
    result = stay(i);
    return unlock(gate) == 0 ? result : -1;
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    gate = share(sizeof *gate);
    init_mutex(gate);
    return run_children(visit);
}
