/*
 * A semaphore for each process. A signal that ends sem_wait is taken for a
 * failure.
 */
#include "../relay.h"

#include <semaphore.h>

struct queue {
    int failed;
    sem_t turns[];
};

static struct queue *queue;

static void give_up(void)
{
    __atomic_store_n(&queue->failed, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < processes; i++)
        sem_post(&queue->turns[i]);
}

static int turn(int r, int i)
{
    if (sem_wait(&queue->turns[i]) != 0)
        return complain("sem_wait");
    if (__atomic_load_n(&queue->failed, __ATOMIC_SEQ_CST))
        return -1;
    if (put_alone(fd, "turn %d %d\n", r, i) != 0)
        return -1;
    if (sem_post(&queue->turns[(i + 1) % processes]) != 0)
        return complain("sem_post");
    return 0;
}

static int child(int i)
{
    return take_all(i, turn);
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    queue = share(sizeof *queue + (size_t)processes * sizeof queue->turns[0]);
    for (int i = 0; i < processes; i++)
        if (sem_init(&queue->turns[i], 1, i == 0) != 0)
            die("sem_init");
    return run_guarded(child, give_up);
}
