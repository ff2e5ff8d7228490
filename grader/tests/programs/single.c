/* One instruction each: those that are one step or two, and those that are
 * refused. */
#include "accesses.h"

static void add(void)
{
	__asm__ volatile("addl $1, (%0)" :: "r"(m) : "memory", "cc");
}

static void lock_add(void)
{
	__asm__ volatile("lock addl $1, (%0)" :: "r"(m) : "memory", "cc");
}

static void xchg(void)
{
	u64 count = 3;
	__asm__ volatile("xchg %1, (%0)" :: "r"(m), "r"(count) : "memory");
}

static void movsb(void)
{
	u64 si = (u64)m, di = (u64)m + 64;
	__asm__ volatile("movsb" : "+S"(si), "+D"(di) :: "memory");
}

static void rep_movsb(void)
{
	u64 si = (u64)m, di = (u64)m + 64, count = 3;
	__asm__ volatile("rep movsb" : "+S"(si), "+D"(di), "+c"(count) :: "memory");
}

static void rep_stosb(void)
{
	u64 di = (u64)m + 64, count = 3;
	__asm__ volatile("rep stosb" : "+D"(di), "+c"(count) : "a"(1) : "memory");
}

/* fstat(1, own), with a pointer left over where it takes no argument. */
static void left_over(void)
{
	static u64 own[32];
	register u8 *unused __asm__("r10") = m;
	long result;
	__asm__ volatile("syscall" : "=a"(result) : "a"(5), "D"(1), "S"(own), "d"(m), "r"(unused)
		: "rcx", "r11", "memory");
}

static void vpgatherdd(void)
{
	__asm__ volatile("vpxor %%ymm1, %%ymm1, %%ymm1\n\tvpcmpeqd %%ymm2, %%ymm2, %%ymm2\n\t"
		"vpgatherdd %%ymm2, (%0,%%ymm1), %%ymm0" :: "r"(m) : "xmm0", "xmm1", "xmm2");
}

static void fxsave(void)
{
	__asm__ volatile("fxsave (%0)" :: "r"(m) : "memory");
}

static void maskmovdqu(void)
{
	__asm__ volatile("pcmpeqd %%xmm0, %%xmm0\n\tmaskmovdqu %%xmm0, %%xmm0"
		:: "D"(m) : "memory", "xmm0");
}

static void xlat(void)
{
	__asm__ volatile("xlat" : : "b"(m), "a"(0) : "cc");
}

static void stack(void)
{
	u8 *stack = m + 512;
	__asm__ volatile("xchg %0, %%rsp\n\tpush %0\n\tpop %0\n\txchg %0, %%rsp"
		: "+r"(stack) :: "memory");
}

static void code(void)
{
	m[0] = 0xc3;
	((void (*)(void))m)();
}

/* The last bytes of what is shared and the first of what is not. */
static void end(void)
{
	u64 *across = (u64 *)(m + 8192 - 4);
	__asm__ volatile("movq $1, (%0)" :: "r"(across) : "memory");
}

int main(int argc, char **argv)
{
	static const struct group groups[] = {
		{"add", add},
		{"lock-add", lock_add},
		{"xchg", xchg},
		{"movsb", movsb},
		{"rep-movsb", rep_movsb},
		{"rep-stosb", rep_stosb},
		{"left-over", left_over},
		{"vpgatherdd", vpgatherdd},
		{"fxsave", fxsave},
		{"maskmovdqu", maskmovdqu},
		{"xlat", xlat},
		{"stack", stack},
		{"code", code},
		{"end", end},
	};
	return run_group(argc, argv, groups, sizeof groups / sizeof *groups);
}
