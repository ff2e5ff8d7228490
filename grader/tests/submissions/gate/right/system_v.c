/*
 * Right, with a System V semaphore. The kernel keeps it, so it is removed at
 * the end, and it lies in nobody's memory.
 */
#include "../gate.h"

#include <sys/ipc.h>
#include <sys/sem.h>

/* semctl(2): the caller has to define it. */
union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
};

static int set;

static int change(short by)
{
    struct sembuf operation = {.sem_num = 0, .sem_op = by, .sem_flg = 0};

    while (semop(set, &operation, 1) != 0)
        if (errno != EINTR)
            return complain("semop");
    return 0;
}

static int visit(int i)
{
    int result;

    if (change(-1) != 0)
        return -1;
    result = stay(i);
    return change(1) == 0 ? result : -1;
}

int main(int argc, char **argv)
{
    union semun value;
    int status;

    begin(argc, argv);
    set = semget(IPC_PRIVATE, 1, 0600);
    if (set < 0)
        die("semget");
    value.val = places;
    if (semctl(set, 0, SETVAL, value) == 0)
        status = run_children(visit);
    else
        status = -complain("semctl");
    semctl(set, 0, IPC_RMID);
    return status;
}
