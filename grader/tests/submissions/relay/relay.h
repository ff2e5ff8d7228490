/* What the programs of relay share, all of it right. */
#ifndef RELAY_H
#define RELAY_H

#include "../numbered.h"

static int fd; /* FILE, opened before the fork */
static int rounds;

/* What most of them keep in shared memory, beside the mutex. */
struct baton {
    pthread_cond_t passed;
    int next;   /* whose turn it is */
    int failed; /* somebody could not write: there will be no more turns */
};

static struct baton *baton;

/* What main begins with. */
static inline void begin(int argc, char **argv)
{
    rounds = parse(argc, argv, "ROUNDS");
    prepare();
    fd = open_file(path);
    if (fd < 0)
        exit(1);
}

/* A baton whose condition variable works between processes. */
static inline void init_baton(void)
{
    baton = share(sizeof *baton);
    init_condition(&baton->passed);
}

/*
 * Child i's turn, with the mutex held: writes its line, and makes it the next
 * one's turn. Whoever waits must be told, however this ends.
 */
static inline int take_turn(int r, int i)
{
    if (put_alone(fd, "turn %d %d\n", r, i) != 0) {
        baton->failed = 1;
        return -1;
    }
    baton->next = (i + 1) % processes;
    return 0;
}

/* The child's turns, until one goes wrong. */
typedef int turn_function(int r, int i);

static inline int take_all(int i, turn_function *turn)
{
    for (int r = 0; r < rounds; r++)
        if (turn(r, i) != 0)
            return -1;
    return 0;
}

#endif
