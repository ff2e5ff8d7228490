/* What the programs of rendezvous share, all of it right. */
#ifndef RENDEZVOUS_H
#define RENDEZVOUS_H

#include "../numbered.h"

static int fd; /* FILE, opened before the fork */
static int rounds;

/* What main begins with. */
static inline void begin(int argc, char **argv)
{
    rounds = parse(argc, argv, "ROUNDS");
    prepare();
    fd = open_file(path);
    if (fd < 0)
        exit(1);
}

/* Waits until all processes have come: 0, or -1 after a message. */
typedef int meet_function(void);

/*
 * All rounds of child i. One that could not write comes to the barrier all
 * the same, as the others would wait for it; it only writes no more.
 */
static inline int take_part(int i, meet_function *meet)
{
    int result = 0;

    for (int r = 0; r < rounds; r++) {
        if (result == 0)
            result = put(fd, "arrive %d %d\n", r, i);
        if (meet() != 0)
            return -1;
        if (result == 0)
            result = put(fd, "depart %d %d\n", r, i);
        if (meet() != 0)
            return -1;
    }
    return result;
}

/* Waits at a barrier of the library. */
static inline int meet_at(pthread_barrier_t *barrier)
{
    int result = pthread_barrier_wait(barrier);

    if (result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD)
        return 0;
    errno = result;
    return complain("pthread_barrier_wait");
}

/* Makes a barrier for so many, for use between processes. */
static inline void init_barrier(pthread_barrier_t *barrier, int size)
{
    pthread_barrierattr_t attributes;

    pthread_barrierattr_init(&attributes);
    errno = pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    if (errno == 0)
        errno = pthread_barrier_init(barrier, &attributes, (unsigned)size);
    if (errno != 0)
        die("pthread_barrier_init");
    pthread_barrierattr_destroy(&attributes);
}

#endif
