/* Vectors and floating point in shared memory. */
#include "accesses.h"

#define VECTOR(text) do { \
	fill(); \
	__asm__ volatile("pcmpeqd %%xmm0, %%xmm0\n\tpsrlw $3, %%xmm0\n\tmovdqa %%xmm0, %%xmm1\n\t" \
		"pslld $5, %%xmm1\n\t" text "\n\tmovdqu %%xmm0, %0\n\tmovdqu %%xmm1, 16+%0" \
		: "=m"(*(u8 (*)[32])got) : [m] "D"(at) : "memory", "xmm0", "xmm1", "cc"); \
	u64 w[4]; \
	memcpy(w, got, 32); \
	show(text, 0, 0, w[0] ^ w[2], w[1] ^ w[3]); \
} while (0)

#define WIDE(text) do { \
	fill(); \
	__asm__ volatile("vpcmpeqd %%ymm0, %%ymm0, %%ymm0\n\tvpsrlw $3, %%ymm0, %%ymm0\n\t" \
		"vpslld $5, %%ymm0, %%ymm1\n\t" text "\n\tvmovdqu %%ymm0, %0\n\tvmovdqu %%ymm1, 32+%0\n\tvzeroupper" \
		: "=m"(*(u8 (*)[64])got) : [m] "D"(at) : "memory", "xmm0", "xmm1", "cc"); \
	u64 w[8]; \
	memcpy(w, got, 64); \
	show(text, 0, 0, w[0] ^ w[2] ^ w[4] ^ w[6], w[1] ^ w[3] ^ w[5] ^ w[7]); \
} while (0)

static void vectors(void)
{
	static u8 got[64] __attribute__((aligned(64)));
	VECTOR("movdqu (%[m]), %%xmm0");
	VECTOR("movdqu %%xmm0, (%[m])");
	VECTOR("movd (%[m]), %%xmm1");
	VECTOR("movq %%xmm1, (%[m])");
	VECTOR("movsd (%[m]), %%xmm0");
	VECTOR("movss %%xmm0, (%[m])");
	VECTOR("movhps (%[m]), %%xmm0");
	VECTOR("movlpd %%xmm1, (%[m])");
	VECTOR("cvtsi2sdq (%[m]), %%xmm0");
	VECTOR("pinsrb $3, (%[m]), %%xmm0");
	VECTOR("pextrw $3, %%xmm0, (%[m])");
	VECTOR("addsd (%[m]), %%xmm1");
	VECTOR("ucomisd (%[m]), %%xmm1");
	if (__builtin_cpu_supports("avx2")) {
		WIDE("vmovdqu (%[m]), %%ymm0");
		WIDE("vmovdqu %%ymm0, (%[m])");
		WIDE("vpaddd (%[m]), %%ymm0, %%ymm1");
		WIDE("vpbroadcastb (%[m]), %%ymm1");
		WIDE("vpmaskmovd %%ymm0, %%ymm1, (%[m])");
		WIDE("vmaskmovps (%[m]), %%ymm0, %%ymm1");
		WIDE("vextracti128 $1, %%ymm0, (%[m])");
	}
	at = (u8 *)(((uintptr_t)at + 31) & ~31ul);
	VECTOR("movaps (%[m]), %%xmm0");
	VECTOR("movdqa %%xmm0, (%[m])");
	VECTOR("movntdq %%xmm0, (%[m])");
	VECTOR("pxor (%[m]), %%xmm0");
	VECTOR("movntdqa (%[m]), %%xmm0");
	if (__builtin_cpu_supports("avx2")) {
		WIDE("vmovaps %%ymm1, (%[m])");
		WIDE("vmovntdq %%ymm1, (%[m])");
		WIDE("vmovdqa (%[m]), %%ymm1");
	}
}

#define X87(text, clean) do { \
	fill(); \
	double d = 0; \
	memcpy(at, &(double){1.75}, 8); \
	__asm__ volatile("fld1\n\t" text "\n\tfstpl %0" : "=m"(d) : [m] "D"(at) : "memory"); \
	u64 w; \
	memcpy(&w, &d, 8); \
	show(text, 0, 0, w, clean); \
} while (0)

static void floats(void)
{
	X87("faddl (%[m])", 0);
	X87("fldl (%[m])\n\tfaddp", 0);
	X87("flds 4(%[m])\n\tfaddp", 0);
	X87("fstl 8(%[m])", 0);
	X87("fld1\n\tfstpt 16(%[m])", 0);
	X87("fld1\n\tfstpt 16(%[m])\n\tfldt 16(%[m])\n\tfaddp", 0);
	X87("fistl 8(%[m])", 0);
	X87("fildq 8(%[m])\n\tfaddp", 0);
	X87("fld1\n\tfisttpq 8(%[m])", 0);
	X87("fnstcw 8(%[m])", 0);
	X87("fnstcw 8(%[m])\n\tfldcw 8(%[m])", 0);
	fill();
	__asm__ volatile("stmxcsr (%0)\n\tldmxcsr (%0)" :: "D"(at) : "memory");
	show("stmxcsr", 0, 0, 0, 0);
}

int main(int argc, char **argv)
{
	static const struct group groups[] = {
		{"vectors", vectors},
		{"floats", floats},
	};
	return run_group(argc, argv, groups, sizeof groups / sizeof *groups);
}
