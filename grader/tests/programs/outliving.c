/*
 * Objects that outlive the processes which made them. Arguments: what (memory,
 * semaphore, system-v, file or attached) and a name of its own, for
 * system-v a number. Exit status 3 if the object is not new; 1 if an increment
 * got lost, which memory and file allow.
 */
#include "processes.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>

static volatile int *shared;
static sem_t *semaphore;
static int set;

static void check(int holds, int status)
{
	if (!holds)
		_exit(status);
}

static void increment(int j)
{
	(void)j;
	*shared = *shared + 1;
}

/* Shared memory in a file that stays. */
static int memory(int fd)
{
	check(fd >= 0 && ftruncate(fd, 4096) == 0, 9);
	shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(shared != MAP_FAILED, 9);
	check(*shared == 0, 3);
	run(2, increment);
	return *shared == 2 ? 0 : 1;
}

static void take(int j)
{
	(void)j;
	while (sem_wait(semaphore) != 0)
		;
}

/* All of it is taken. */
static int named_semaphore(const char *name)
{
	int value;

	semaphore = sem_open(name, O_CREAT, 0600, 2);
	check(semaphore != SEM_FAILED, 9);
	check(sem_getvalue(semaphore, &value) == 0 && value == 2, 3);
	return run(2, take);
}

static void down_and_up(int j)
{
	struct sembuf down = { 0, -1, 0 };
	struct sembuf up = { 0, 1, 0 };

	check(semop(set, &down, 1) == 0, 8);
	if (j == 0)
		check(semop(set, &up, 1) == 0, 8);
}

static int system_v(key_t key)
{
	struct sembuf two = { 0, 2, 0 };
	int nobodys = semget(IPC_PRIVATE, 2, 0600);

	set = semget(key, 1, IPC_CREAT | 0600);
	check(nobodys >= 0 && set >= 0, 9);
	check(semctl(set, 0, GETVAL) == 0, 3);
	check(semop(set, &two, 1) == 0, 9);
	return run(2, down_and_up);
}

/* A folder, a file that gets its name by a link and another, in it. */
static int file(const char *name)
{
	char from[512], to[512];
	int fd;

	strcat(strcpy(from, name), "/from");
	strcat(strcpy(to, name), "/to");
	check(mkdir(name, 0700) == 0, 3);
	fd = open(from, O_CREAT | O_EXCL | O_RDWR, 0600);
	check(link(from, to) == 0 && unlink(from) == 0, 3);
	check(rename(to, from) == 0 && symlink(from, to) == 0, 3);
	return memory(fd);
}

/* Not supported, and so an error in the middle of an execution. */
static int attached(key_t key)
{
	shmat(shmget(key, 4096, IPC_CREAT | 0600), 0, 0);
	return 0;
}

int main(int argc, char **argv)
{
	check(argc == 3, 2);
	if (strcmp(argv[1], "memory") == 0)
		return memory(shm_open(argv[2], O_CREAT | O_RDWR, 0600));
	if (strcmp(argv[1], "semaphore") == 0)
		return named_semaphore(argv[2]);
	if (strcmp(argv[1], "system-v") == 0)
		return system_v(atoi(argv[2]));
	if (strcmp(argv[1], "file") == 0)
		return file(argv[2]);
	return attached(atoi(argv[2]));
}
