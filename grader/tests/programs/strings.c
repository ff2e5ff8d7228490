/* String instructions on shared memory, and the C library's functions that use
 * them. */
#include "accesses.h"

#define STRING(text, count, mask) do { \
	for (int down = 0; down < 2; down++) { \
		fill(); \
		for (int where = 0; where < 3; where++) { \
			u8 own[512]; \
			memset(own, 5, sizeof own); \
			memcpy(own + 128, at, 64); \
			own[140] ^= 1; \
			u64 si = (u64)(where == 1 ? own + 128 : at) + (down ? 40 : 0); \
			u64 di = (u64)(where == 2 ? own + 160 : at + 9) + (down ? 40 : 0); \
			u64 c = count, a = 0x2a, f; \
			if (down) __asm__ volatile("std"); \
			__asm__ volatile(KNOWN_FLAGS text "\n\tpushfq\n\tpop %[f]\n\tcld" \
				: "+S"(si), "+D"(di), "+c"(c), "+a"(a), [f] "=&r"(f) \
				:: "r9", "memory", "cc"); \
			u64 h = 0; \
			for (int i = 0; i < 512; i++) h = h * 31 + own[i]; \
			printf("%d%d %lld %lld %llu %llx ", down, where, \
			       (long long)(si - (u64)at) * (where != 1), \
			       (long long)(di - (u64)at) * (where != 2), (unsigned long long)c, (unsigned long long)a); \
			show(text, f, mask, h, 0); \
		} \
	} \
} while (0)

static void strings(void)
{
	STRING("movsb", 7, ALL);
	STRING("movsw", 7, ALL);
	STRING("movsl", 7, ALL);
	STRING("movsq", 7, ALL);
	STRING("stosb", 7, ALL);
	STRING("stosq", 7, ALL);
	STRING("lodsb", 7, ALL);
	STRING("lodsq", 7, ALL);
	STRING("cmpsb", 7, ALL);
	STRING("cmpsl", 7, ALL);
	STRING("scasb", 7, ALL);
	STRING("scasq", 7, ALL);
	STRING("rep movsb", 21, ALL);
	STRING("rep movsl", 5, ALL);
	STRING("rep movsq", 3, ALL);
	STRING("rep movsb", 0, ALL);
	STRING("rep stosb", 21, ALL);
	STRING("rep stosl", 5, ALL);
	STRING("rep lodsw", 6, ALL);
	STRING("repe cmpsb", 21, ALL);
	STRING("repne cmpsb", 21, ALL);
	STRING("repne scasb", 21, ALL);
	STRING("repe scasw", 3, ALL);
}

/* Longer than what is taken an element a step. */
static void long_strings(void)
{
	static u8 own[8192];
	memset(m, 0, 8192);
	u64 si = (u64)m + 50, left = 5000, di = (u64)m + 100;
	__asm__ volatile("rep stosb" : "+D"(di), "+c"(left) : "a"(9) : "memory");
	left = 8000, di = (u64)own;
	__asm__ volatile("rep movsb" : "+S"(si), "+D"(di), "+c"(left) :: "memory");
	u64 h = 0;
	for (int i = 0; i < 8192; i++)
		h = h * 31 + own[i];
	printf("long %llx\n", (unsigned long long)h);
	left = 8192, di = (u64)m;
	__asm__ volatile("repne scasb" : "+D"(di), "+c"(left) : "a"(9) : "memory", "cc");
	printf("found at %lld, %llu left\n", (long long)(di - (u64)m), (unsigned long long)left);
	left = 8192, di = (u64)m + 8191;
	__asm__ volatile("std\n\trepne scasb\n\tcld" : "+D"(di), "+c"(left) : "a"(9) : "memory", "cc");
	printf("found at %lld, %llu left\n", (long long)(di - (u64)m), (unsigned long long)left);
}

static void builtins(void)
{
	fill();
	u64 *p = (u64 *)(((uintptr_t)at + 7) & ~7ul), expected = *p;
	u64 r[8];
	r[0] = __atomic_fetch_add(p, 3, __ATOMIC_SEQ_CST);
	r[1] = __atomic_nand_fetch(p, 0xff, __ATOMIC_SEQ_CST);
	r[2] = __atomic_exchange_n(p, 99, __ATOMIC_ACQ_REL);
	r[3] = __atomic_compare_exchange_n(p, &expected, 4, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
	r[4] = __atomic_compare_exchange_n(p, &expected, 4, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
	r[5] = __atomic_fetch_or((u8 *)p + 1, 0x80, __ATOMIC_SEQ_CST);
	r[6] = __atomic_load_n((u16 *)p, __ATOMIC_RELAXED);
	r[7] = expected;
	for (int i = 0; i < 8; i++)
		printf("%llx ", (unsigned long long)r[i]);
	show("builtins", 0, 0, *p, 0);
	char text[200], back[200];
	memset(text, 'x', sizeof text);
	memcpy(at - 100, text, sizeof text);
	memmove(at - 90, at - 100, 150);
	memcpy(back, at - 100, sizeof back);
	at[90] = 0;
	printf("%d %zu %d\n", memcmp(back, at - 100, 200), strlen((char *)at),
	       memchr(at, 0, 200) == at + 90);
	snprintf((char *)at, 100, "%s %d %.3f", "formatted", 42, 2.5);
	printf("%s\n", (char *)at);
}

int main(int argc, char **argv)
{
	static const struct group groups[] = {
		{"strings", strings},
		{"long-strings", long_strings},
		{"builtins", builtins},
	};
	return run_group(argc, argv, groups, sizeof groups / sizeof *groups);
}
