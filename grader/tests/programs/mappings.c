/* What a program does with shared mappings, as it would alone: argument 1 says
 * what. Results are printed; the races exit with what they came to. */
#include "processes.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)

static int is_what(const char *name);
static const char *what;

static volatile uint8_t *map(int pages, int fd, off_t offset)
{
	int flags = MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0);
	void *at = mmap(0, (size_t)pages * PAGE, RW, flags, fd, offset);
	if (at == MAP_FAILED)
		_exit(9);
	return at;
}

static int file(const char *name, int pages)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)pages * PAGE))
		_exit(9);
	return fd;
}

static sigjmp_buf back;
static volatile uintptr_t seen_address;
static volatile int seen_signal, seen_code, seen_count;

static void handler(int signal, siginfo_t *info, void *context)
{
	(void)context;
	seen_signal = signal;
	seen_address = (uintptr_t)info->si_addr;
	seen_code = info->si_code;
	seen_count++;
	siglongjmp(back, 1);
}

static void catch_faults(void)
{
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigaction(SIGSEGV, &action, 0);
	sigaction(SIGBUS, &action, 0);
}

/* Prints whether what follows the first try faults, and where from base. */
#define FAULTS(base, ...) do { \
	seen_signal = 0; \
	if (!sigsetjmp(back, 1)) { __VA_ARGS__; } \
	if (seen_signal) \
		printf("%s: signal %d, code %d, at %+ld\n", #__VA_ARGS__, seen_signal, seen_code, \
		       (long)(seen_address - (uintptr_t)(base))); \
	else \
		printf("%s: done\n", #__VA_ARGS__); \
} while (0)

static void fill(volatile uint8_t *at, int pages)
{
	for (int i = 0; i < pages * PAGE; i += 512)
		at[i] = (uint8_t)(i / 512 + 1);
}

static void show(const char *name, volatile uint8_t *at, int pages)
{
	printf("%s", name);
	for (int i = 0; i < pages * PAGE; i += 512)
		printf(" %d", at[i]);
	printf("\n");
}

static void several(void)
{
	volatile uint8_t *anonymous = map(3, -1, 0);
	int memory = memfd_create("memory", 0), disk = file("mapped", 4);
	if (ftruncate(memory, 2 * PAGE))
		_exit(9);
	volatile uint8_t *of_memory = map(2, memory, 0);
	volatile uint8_t *one = map(4, disk, 0), *other = map(2, disk, 2 * PAGE);
	int status;
	pid_t child = fork();
	if (child == 0) {
		fill(anonymous, 3);
		fill(of_memory + PAGE, 1);
		fill(one, 4);
		volatile uint8_t *later = map(4, disk, 0);
		later[5 * 512] = 200;
		show("second view", other, 2);
		other[512] = 201;
		show("later view", later, 4);
		munmap((void *)later, 4 * PAGE);
		one[0] = 202;
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, &status, 0);
	show("anonymous", anonymous, 3);
	show("memfd", of_memory, 2);
	show("file", one, 4);
	show("file from its third page", other, 2);
	uint8_t bytes[4];
	printf("read %zd:", pread(disk, bytes, 4, 2 * PAGE + 510));
	printf(" %d %d %d %d\n", bytes[0], bytes[1], bytes[2], bytes[3]);
}

static void shm(void)
{
	char name[64];
	snprintf(name, sizeof name, "/mappings-%ld", (long)getpid());
	int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	shm_unlink(name);
	if (fd < 0 || ftruncate(fd, PAGE))
		_exit(9);
	volatile uint8_t *at = map(1, fd, 0);
	if (fork() == 0) {
		fill(at, 1);
		_exit(0);
	}
	wait(0);
	show("shm", at, 1);
}

static void unmap(void)
{
	volatile uint8_t *at = map(4, -1, 0);
	fill(at, 4);
	FAULTS(at, munmap((void *)(at + PAGE), PAGE));
	show("first", at, 1);
	show("rest", at + 2 * PAGE, 2);
	FAULTS(at, at[PAGE] = 1);
	FAULTS(at, at[2 * PAGE - 1] = 1);
	munmap((void *)(at + 3 * PAGE), PAGE);
	FAULTS(at, at[3 * PAGE + 7]++);
	show("third", at + 2 * PAGE, 1);
	FAULTS(at, at[2 * PAGE + 8] = 9);
}

static void remap(void)
{
	int fd = file("grows", 8);
	volatile uint8_t *at = map(2, fd, 0), *reserved = mmap(0, 16 * PAGE, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fill(at, 2);
	volatile uint8_t *larger = mremap((void *)at, 2 * PAGE, 5 * PAGE, MREMAP_MAYMOVE);
	larger[4 * PAGE] = 77;
	show("larger", larger, 5);
	larger = mremap((void *)larger, 5 * PAGE, 3 * PAGE, 0);
	FAULTS(larger, larger[3 * PAGE] = 1);
	volatile uint8_t *moved = mremap((void *)larger, 3 * PAGE, 3 * PAGE,
		MREMAP_MAYMOVE | MREMAP_FIXED, (void *)(reserved + 4 * PAGE));
	printf("%d\n", moved == reserved + 4 * PAGE);
	show("moved", moved, 3);
	FAULTS(larger, larger[1] = 1);
	FAULTS(moved, moved[3 * PAGE - 1] = 3);
	volatile uint8_t *twin = mremap((void *)moved, 0, 2 * PAGE, MREMAP_MAYMOVE);
	twin[5] = 55;
	printf("%d %d\n", moved[5], twin[3]);
	munmap((void *)moved, 3 * PAGE);
	show("twin", twin, 2);
	printf("%d\n", mremap((void *)twin, 2 * PAGE, 0, 0) == MAP_FAILED);
}

static void protect(void)
{
	volatile uint8_t *at = map(3, -1, 0);
	fill(at, 3);
	printf("%d\n", mprotect((void *)(at + PAGE), PAGE, PROT_READ));
	FAULTS(at, at[PAGE + 512] = 1);
	FAULTS(at, at[PAGE + 513]++);
	FAULTS(at, __atomic_fetch_add(at + PAGE + 514, 1, __ATOMIC_SEQ_CST));
	FAULTS(at, *(volatile uint64_t *)(at + PAGE + 600) += 5);
	FAULTS(at, *(volatile double *)(at + PAGE + 640) = 0.5);
	FAULTS(at, *(volatile uint64_t *)(at + PAGE + 600));
	FAULTS(at, at[PAGE - 1] = 4);
	FAULTS(at, at[2 * PAGE] = 4);
	FAULTS(at, __asm__ volatile("rep stosb" :: "D"(at + PAGE - 4), "c"(9ul), "a"(3) : "memory"));
	show("after", at, 3);
	mprotect((void *)at, 3 * PAGE, PROT_NONE);
	FAULTS(at, at[3]);
	FAULTS(at, __atomic_fetch_add(at + 2 * PAGE + 5, 1, __ATOMIC_SEQ_CST));
	printf("%d\n", mprotect((void *)at, 3 * PAGE, RW));
	FAULTS(at, at[PAGE + 512] = 111);
	show("back", at, 3);
	printf("%d faults\n", seen_count);
}

static void fixed(void)
{
	volatile uint8_t *at = map(4, -1, 0), *other = map(1, -1, 0);
	fill(at, 4);
	fill(other, 1);
	mmap((void *)(at + PAGE), PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	at[PAGE + 512] = 5;
	int fd = file("over", 1);
	mmap((void *)(at + 2 * PAGE), PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0);
	at[2 * PAGE] = 6;
	show("mapped over", at, 4);
	char byte;
	printf("%zd", pread(fd, &byte, 1, 0));
	printf(" %d\n", byte);
	munmap((void *)at, 4 * PAGE);
	FAULTS(at, at[1] = 1);
	show("other", other, 1);
}

static void bus(void)
{
	int fd = file("short", 2);
	volatile uint8_t *at = map(2, fd, 0);
	at[PAGE + 3] = 3;
	printf("%d\n", ftruncate(fd, PAGE));
	FAULTS(at, at[PAGE + 3] = 4);
	FAULTS(at, at[PAGE + 5]++);
	FAULTS(at, *(volatile uint32_t *)(at + PAGE + 8));
	FAULTS(at, *(volatile uint32_t *)(at + PAGE + 8) = 4);
	FAULTS(at, at[3] = 4);
	volatile int zero = 0;
	(void)zero;
}

static volatile int *counter;
static int disk;

static void race_body(int i)
{
	volatile int *mine = counter;
	if (i == 1 && is_what("race-two-views"))
		mine = (volatile int *)map(1, disk, 0);
	if (is_what("race-after-fork"))
		mine = (volatile int *)map(1, disk, 0);
	if (is_what("race-file") && i == 1) {
		int one = 1;
		_exit(pwrite(disk, &one, sizeof one, 0) != sizeof one);
	}
	if (is_what("race-file")) {
		mine[1] = mine[0];
		return;
	}
	*mine = *mine + 1;
}

static int is_what(const char *name)
{
	return strcmp(what, name) == 0;
}

static int race(void)
{
	disk = is_what("race-two-views") ? memfd_create("counter", 0) : file("counter", 1);
	if (ftruncate(disk, PAGE))
		_exit(9);
	counter = (volatile int *)map(1, disk, 0);
	if (run(2, race_body))
		return 8;
	return is_what("race-file") ? counter[1] : counter[0] != 2;
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*run)(void); } all[] = {
		{"several", several}, {"shm", shm}, {"unmap", unmap}, {"remap", remap},
		{"protect", protect}, {"fixed", fixed}, {"bus", bus},
	};
	what = argc > 1 ? argv[1] : "several";
	if (strncmp(what, "race", 4) == 0)
		return race();
	catch_faults();
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (!is_what(all[i].name))
			continue;
		if (is_what("several") || is_what("shm")) {
			all[i].run();
			return 0;
		}
		/* As a child, so that there are two processes. */
		if (fork() == 0) {
			all[i].run();
			fflush(stdout);
			_exit(0);
		}
		int status;
		wait(&status);
		return status != 0;
	}
	return 2;
}
