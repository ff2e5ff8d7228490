/* Moves, arithmetic, exchanges and branches on shared memory. */
#include "accesses.h"

/* An instruction on (%[m]) with %[a] and %[b] in registers, carry set before. */
#define TRY(text, mask) do { \
	fill(); \
	u64 a = 0x1122334455667788, b = 0x0102030405060708, d = 0x55aa55aa55aa55aa, f; \
	__asm__ volatile(KNOWN_FLAGS text "\n\tpushfq\n\tpop %[f]" \
		: [a] "+a"(a), [b] "+b"(b), [d] "+d"(d), [f] "=&r"(f) \
		: [m] "D"(at), [c] "c"(5ul) \
		: "r9", "memory", "cc"); \
	show(text, f, mask, a, b ^ d); \
} while (0)

static void moves(void)
{
	TRY("mov %%al, (%[m])", ALL);
	TRY("mov %%ah, (%[m])", ALL);
	TRY("mov %%ax, (%[m])", ALL);
	TRY("mov %%eax, (%[m])", ALL);
	TRY("mov %%rax, (%[m])", ALL);
	TRY("mov (%[m]), %%al", ALL);
	TRY("mov (%[m]), %%ah", ALL);
	TRY("mov (%[m]), %%bh", ALL);
	TRY("mov (%[m]), %%ax", ALL);
	TRY("mov (%[m]), %%eax", ALL);
	TRY("mov (%[m]), %%rax", ALL);
	TRY("movb $-2, (%[m])", ALL);
	TRY("movw $-2, (%[m])", ALL);
	TRY("movl $-2, (%[m])", ALL);
	TRY("movq $-2, (%[m])", ALL);
	TRY("movzbl 1(%[m]), %%eax", ALL);
	TRY("movzbw 1(%[m]), %%ax", ALL);
	TRY("movzwl 1(%[m]), %%eax", ALL);
	TRY("movsbl 31(%[m]), %%eax", ALL);
	TRY("movsbq 31(%[m]), %%rax", ALL);
	TRY("movswq 31(%[m]), %%rax", ALL);
	TRY("movslq 31(%[m]), %%rax", ALL);
	TRY("cmovc (%[m]), %%rax", ALL);
	TRY("cmovnc (%[m]), %%rax", ALL);
	TRY("movbe (%[m]), %%rax", ALL);
	TRY("setc (%[m])", ALL);
	TRY("mov 8(%[m],%[c],4), %%rax", ALL);
	TRY("mov %%rax, -8(%[m],%[c],2)", ALL);
	TRY("mov %%rdi, (%[m])\n\tsub %%rdi, (%[m])", ALL);
	TRY("mov %%r9, %%rax\n\tmov %[m], %%r9\n\txchg %%r9, %%rax\n\tmov (%%rax), %%rax\n\tmov %%rax, %%r9", ALL);
	TRY("push (%[m])\n\tpop %%rax", ALL);
	TRY("pushw (%[m])\n\tpopw %%ax", ALL);
	TRY("push %%rax\n\tpop 4(%[m])", ALL);
	TRY("push %%rax\n\tpop (%[m],%[c])", ALL);
	TRY("movnti %%rax, (%[m])", ALL);
	TRY("lea (%[m]), %%rax\n\tsub %[m], %%rax\n\tprefetcht0 (%[m])", NO_AF);
	TRY("crc32q (%[m]), %%rax", ALL);
	TRY("mulq (%[m])", 0x801);
	TRY("imul $3, (%[m]), %%rax", 0x801);
	TRY("popcnt (%[m]), %%rax", ALL);
	TRY("bsf (%[m]), %%rax", 0x40);
	TRY("rorx $7, (%[m]), %%rax", ALL);
	TRY("andn (%[m]), %%rax, %%rbx", 0x8c1);
}

#define BOTH(text, mask) do { TRY(text, mask); TRY("lock " text, mask); } while (0)

static void arithmetic(void)
{
	BOTH("addb %%al, (%[m])", ALL);
	BOTH("addw %%ax, (%[m])", ALL);
	BOTH("addl %%eax, (%[m])", ALL);
	BOTH("addq %%rax, (%[m])", ALL);
	BOTH("adcq %%rax, (%[m])", ALL);
	BOTH("adcb $-1, (%[m])", ALL);
	BOTH("subq %%rax, (%[m])", ALL);
	BOTH("sbbq %%rax, (%[m])", ALL);
	BOTH("sbbl $7, (%[m])", ALL);
	BOTH("andq %%rax, (%[m])", NO_AF);
	BOTH("orq %%rax, (%[m])", NO_AF);
	BOTH("xorl %%eax, (%[m])", NO_AF);
	BOTH("incq (%[m])", ALL);
	BOTH("decb (%[m])", ALL);
	BOTH("negq (%[m])", ALL);
	BOTH("notl (%[m])", ALL);
	TRY("shlq $3, (%[m])", 0xc5);
	TRY("shrl %%cl, (%[m])", 0xc5);
	TRY("sarb $1, (%[m])", 0xc5);
	TRY("rolq %%cl, (%[m])", CF);
	TRY("rcrq $1, (%[m])", CF);
	TRY("rclw %%cl, (%[m])", CF);
	TRY("shldq %%cl, %%rax, (%[m])", 0xc5);
	TRY("addq (%[m]), %%rax", ALL);
	TRY("adcl (%[m]), %%eax", ALL);
	TRY("sbbw (%[m]), %%ax", ALL);
	TRY("xorq (%[m]), %%rax", NO_AF);
	TRY("cmpq %%rax, (%[m])", ALL);
	TRY("cmpq (%[m]), %%rax", ALL);
	TRY("cmpb $3, (%[m])", ALL);
	TRY("testq %%rax, (%[m])", NO_AF);
	TRY("testb $3, (%[m])", NO_AF);
	TRY("xchgq %%rax, (%[m])", ALL);
	TRY("xchgb %%ah, (%[m])", ALL);
	BOTH("xaddq %%rax, (%[m])", ALL);
	BOTH("xaddb %%bl, (%[m])", ALL);
	BOTH("cmpxchgq %%rbx, (%[m])", ALL);
	BOTH("cmpxchgb %%bl, (%[m])", ALL);
	TRY("mov (%[m]), %%rax\n\tlock cmpxchgq %%rbx, (%[m])", ALL);
	TRY("mov (%[m]), %%eax\n\tcmpxchgl %%ebx, (%[m])", ALL);
	BOTH("cmpxchgl %%ebx, (%[m])", ALL);
	TRY("mov (%[m]), %%rax\n\tlock cmpxchgl %%ebx, (%[m])", ALL);
	TRY("mov (%[m]), %%rax\n\tlock cmpxchgw %%bx, (%[m])", ALL);
	BOTH("cmpxchg8b (%[m])", 0x40);
	TRY("mov (%[m]), %%eax\n\tmov 4(%[m]), %%edx\n\tlock cmpxchg8b (%[m])", 0x40);
	BOTH("btsq $5, (%[m])", CF);
	BOTH("btrl $9, (%[m])", CF);
	BOTH("btcw $3, (%[m])", CF);
	TRY("btq $8, (%[m])", CF);
	BOTH("btsq %%rcx, (%[m])", CF);
	TRY("mov $200, %%eax\n\tbtsl %%eax, (%[m])", CF);
	TRY("mov $-200, %%rax\n\tlock btrq %%rax, (%[m])", CF);
	TRY("mov $-3, %%ax\n\tbtcw %%ax, (%[m])", CF);
	TRY("mov $400, %%eax\n\tbtl %%eax, (%[m])", CF);
}

/* 16 bytes at once need them aligned. */
static void wide_exchange(void)
{
	at = (u8 *)(((uintptr_t)at + 15) & ~15ul);
	TRY("lock cmpxchg16b (%[m])", 0x40);
	TRY("mov (%[m]), %%rax\n\tmov 8(%[m]), %%rdx\n\tlock cmpxchg16b (%[m])", 0x40);
	TRY("mov (%[m]), %%rax\n\tmov 8(%[m]), %%rdx\n\tcmpxchg16b (%[m])", 0x40);
}

static void branches(void)
{
	u64 a;
	fill();
	__asm__ volatile("lea 1f(%%rip), %[a]\n\tmov %[a], (%[m])\n\tjmp *(%[m])\n\t"
		"ud2\n1:\tmov $7, %[a]" : [a] "=&r"(a) : [m] "D"(at) : "memory");
	printf("jmp %llu\n", (unsigned long long)a);
	__asm__ volatile("sub $256, %%rsp\n\tlea 1f(%%rip), %[a]\n\tmov %[a], 3(%[m])\n\t"
		"call *3(%[m])\n\tjmp 2f\n1:\tmov $9, %[a]\n\tret\n2:\tadd $256, %%rsp"
		: [a] "=&r"(a) : [m] "D"(at) : "memory", "cc");
	printf("call %llu\n", (unsigned long long)a);
	/* By way of the thread's own segment. */
	u64 base;
	__asm__ volatile("mov %%fs:0, %0" : "=r"(base));
	u64 offset = (u64)at - base;
	__asm__ volatile("movq $77, %%fs:(%[o])\n\tlock addq $1, %%fs:(%[o])\n\tmov %%fs:(%[o]), %[a]"
		: [a] "=&r"(a) : [o] "r"(offset) : "memory", "cc");
	printf("fs %llu\n", (unsigned long long)a);
}

int main(int argc, char **argv)
{
	static const struct group groups[] = {
		{"moves", moves},
		{"arithmetic", arithmetic},
		{"wide-exchange", wide_exchange},
		{"branches", branches},
	};
	return run_group(argc, argv, groups, sizeof groups / sizeof *groups);
}
