/* What the programs share that try instructions on shared memory: a process
 * makes the accesses and prints what each gives, with the flags after it; the
 * other only waits for its end. That there are two makes the accesses
 * scheduling points. Argument 1 names a group of them, argument 2 where in the
 * memory they are made. */
#include "processes.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

static u8 *m;		/* Two pages. */
static u8 *at;		/* Where the operand is: within a page or across two. */

/* CF, PF, AF, ZF, SF, OF; some instructions leave some undefined. */
#define ALL 0x8d5
#define NO_AF 0x8c5
#define CF 0x1

static inline void fill(void)
{
	u8 own[256];
	for (int i = 0; i < 256; i++)
		own[i] = (u8)(i * 7 + 3);
	memcpy(at - 128, own, 256);
}

static inline u64 sum(void)
{
	u8 own[256];
	u64 h = 1469598103934665603u;
	memcpy(own, at - 128, 256);
	for (int i = 0; i < 256; i++)
		h = (h ^ own[i]) * 1099511628211u;
	return h;
}

static inline void show(const char *name, u64 flags, u64 mask, u64 a, u64 b)
{
	printf("%-28s %03llx %016llx %016llx %016llx\n", name,
	       (unsigned long long)(flags & mask), (unsigned long long)a,
	       (unsigned long long)b, (unsigned long long)sum());
}

/* Carry, parity, auxiliary carry and sign are set. */
#define KNOWN_FLAGS "xor %%r9d, %%r9d\n\tcmp $1, %%r9d\n\t"

struct group {
	const char *name;
	void (*run)(void);
};

/* Runs the group that argument 1 names. */
static int run_group(int argc, char **argv, const struct group *groups, int count)
{
	const char *name = argc > 1 ? argv[1] : "";
	int across = argc > 2 && !strcmp(argv[2], "across");
	int prot = PROT_READ | PROT_WRITE | (strcmp(name, "code") ? 0 : PROT_EXEC);
	u8 *room = mmap(0, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	m = mmap(room, 8192, prot, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (m == MAP_FAILED)
		return 9;
	at = m + (across ? 4096 - 3 : 1024);
	pid_t child = fork();
	if (child == 0) {
		for (int i = 0; i < count; i++)
			if (!strcmp(name, groups[i].name))
				groups[i].run();
		fflush(stdout);
		_exit(0);
	}
	int status;
	waitpid(child, &status, 0);
	return status != 0;
}
