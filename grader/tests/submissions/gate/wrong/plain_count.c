/*
 * A plain integer in shared memory counts who is inside. It is tested, and
 * then incremented, without a lock.
 */
#include "../gate.h"

static volatile unsigned *inside;

static int visit(int i)
{
    unsigned seen;
    int result;

    while ((seen = *inside) >= (unsigned)places)
        futex_wait(inside, seen);
    *inside = *inside + 1;
    result = stay(i);
    *inside = *inside - 1;
    futex_wake(inside);
    return result;
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    inside = share(sizeof *inside);
    return run_children(visit);
}
