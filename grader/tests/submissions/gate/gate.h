/* What the programs of gate share, all of it right. */
#ifndef GATE_H
#define GATE_H

#include "../numbered.h"

static int places; /* K */

/* What main begins with. */
static inline void begin(int argc, char **argv)
{
    places = parse(argc, argv, "K");
    prepare();
}

/* What child i does inside: says that it came in, and that it leaves. */
static inline int stay(int i)
{
    int fd = open_file(path);
    int result;

    if (fd < 0)
        return -1;
    result = put(fd, "enter %d\n", i);
    if (result == 0)
        result = put(fd, "leave %d\n", i);
    close(fd);
    return result;
}

#endif
