/* What lies between two accesses to shared memory: each test begins with a load
 * from it, works on registers and private memory, and ends with stores of all
 * results and flags to it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct result {
  uint64_t start, a, b, flags[6], d;
};

static volatile struct result *shared;
static uint64_t cells[4];

static const uint64_t VALUES[] = {
    0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x12345678, 0x7fffffff,
    0x80000000, 0xffffffff, 0x123456789abcdef0, 0x7fffffffffffffff,
    0x8000000000000000, 0xffffffffffffffff, 0xdeadbeefcafebabe,
};
#define VALUES_COUNT (sizeof VALUES / sizeof VALUES[0])

static uint64_t hash = 14695981039346656037u;
static void add(uint64_t value) { hash = (hash ^ value) * 1099511628211u; }

static void note(int with_overflow) {
  add(shared->a);
  add(shared->b);
  add(shared->d);
  for (int i = 0; i < 6; i++)
    if (i != 5 || with_overflow)
      add(shared->flags[i]);
}

static void tell(const char *what) {
  printf("%s %016lx\n", what, hash);
  hash = 14695981039346656037u;
}

/* The flags are set by the first comparison to what `seed` says, so that those
 * which an instruction leaves alone are seen as well. */
#define BETWEEN(text, a, b)                                                    \
  do {                                                                         \
    uint64_t rax = (a), rcx = (b), rdx = 0x1111111111111111;                   \
    __asm__ volatile(                                                          \
        "mov (%[shared]), %%r8\n\t"                                            \
        "cmp $1, %%r8\n\t" text "\n\t"                                         \
        "mov $0, %%r9\n\t"                                                     \
        "setc %%r9b\n\tmov %%r9, 24(%[shared])\n\t"                            \
        "setz %%r9b\n\tmov %%r9, 32(%[shared])\n\t"                            \
        "sets %%r9b\n\tmov %%r9, 40(%[shared])\n\t"                            \
        "setp %%r9b\n\tmov %%r9, 48(%[shared])\n\t"                            \
        "seta %%r9b\n\tmov %%r9, 56(%[shared])\n\t"                            \
        "seto %%r9b\n\tmov %%r9, 64(%[shared])\n\t"                            \
        "mov %%rax, 8(%[shared])\n\t"                                          \
        "mov %%rcx, 16(%[shared])\n\t"                                         \
        "mov %%rdx, 72(%[shared])\n\t"                                      \
        : "+a"(rax), "+c"(rcx), "+d"(rdx)                                      \
        : [shared] "S"(shared), [cells] "D"(cells)                             \
        : "r8", "r9", "r10", "r11", "xmm0", "xmm2", "xmm3", "xmm4", "xmm9", "cc", "memory");                           \
  } while (0)

#define EACH(name, text, with_overflow)                                        \
  do {                                                                         \
    for (unsigned i = 0; i < VALUES_COUNT; i += stride)                        \
      for (unsigned j = 0; j < VALUES_COUNT; j += stride)                      \
        for (unsigned seed = 0; seed < 3; seed++) {                            \
          shared->start = seed;                                                \
          cells[0] = VALUES[j], cells[1] = VALUES[i];                          \
          cells[2] = cells[3] = 0x5555555555555555;                            \
          BETWEEN(text, VALUES[i], VALUES[j]);                                 \
          note(with_overflow);                                                 \
          for (int k = 0; k < 4; k++)                                          \
            add(cells[k]);                                                     \
        }                                                                      \
    tell(name);                                                                \
  } while (0)

#define WIDTHS(op, with_overflow)                                              \
  do {                                                                         \
    EACH(#op " r8", #op " %%cl, %%al", with_overflow);                         \
    EACH(#op " ah", #op " %%cl, %%ah", with_overflow);                         \
    EACH(#op " r16", #op " %%cx, %%ax", with_overflow);                        \
    EACH(#op " r32", #op " %%ecx, %%eax", with_overflow);                      \
    EACH(#op " r64", #op " %%rcx, %%rax", with_overflow);                      \
    EACH(#op " m32", #op " %%ecx, 8(%[cells])", with_overflow);                \
    EACH(#op " from m64", #op " (%[cells]), %%rax", with_overflow);            \
    EACH(#op " i8", #op " $-3, %%rax", with_overflow);                         \
    EACH(#op " i32", #op " $0x12345678, %%eax", with_overflow);                \
  } while (0)

#define UNARY(op)                                                              \
  do {                                                                         \
    EACH(#op " r8", #op " %%al", 1);                                           \
    EACH(#op " r16", #op " %%ax", 1);                                          \
    EACH(#op " r32", #op " %%eax", 1);                                         \
    EACH(#op " r64", #op " %%rax", 1);                                         \
    EACH(#op " m64", #op "q 8(%[cells])", 1);                                  \
  } while (0)

#define SHIFT(op)                                                              \
  do {                                                                         \
    EACH(#op " r8 1", #op " $1, %%al", 1);                                     \
    EACH(#op " r16 1", #op " $1, %%ax", 1);                                    \
    EACH(#op " r32 1", #op " $1, %%eax", 1);                                   \
    EACH(#op " r64 1", #op " $1, %%rax", 1);                                   \
    EACH(#op " r8 5", #op " $5, %%al", 0);                                     \
    EACH(#op " r32 31", #op " $31, %%eax", 0);                                 \
    EACH(#op " r64 63", #op " $63, %%rax", 0);                                 \
    EACH(#op " r64 cl", #op " %%cl, %%rax", 0);                                \
    EACH(#op " r32 cl", #op " %%cl, %%eax", 0);                                \
  } while (0)

#define CONDITION(cc)                                                          \
  do {                                                                         \
    EACH("j" #cc, "cmp %%rcx, %%rax\n\tj" #cc " 1f\n\tmov $7, %%edx\n1:", 1);  \
    EACH("cmov" #cc, "cmp %%ecx, %%eax\n\tcmov" #cc " %%ecx, %%edx", 1);       \
    EACH("cmov" #cc " m", "test %%rcx, %%rax\n\tcmov" #cc " 8(%[cells]), %%rdx", 1); \
    EACH("set" #cc, "sub %%cl, %%al\n\tset" #cc " %%dl", 1);                   \
    EACH("set" #cc " m", "add %%cx, %%ax\n\tset" #cc " 17(%[cells])", 1);      \
  } while (0)

static void arithmetic(unsigned stride) {
  WIDTHS(add, 1);
  WIDTHS(sub, 1);
  WIDTHS(and, 1);
  WIDTHS(or, 1);
  WIDTHS(xor, 1);
  WIDTHS(cmp, 1);
  UNARY(inc);
  UNARY(dec);
  UNARY(neg);
  UNARY(not);
  EACH("test", "test %%rcx, %%rax", 1);
  EACH("test i", "testb $0x7c, %%al", 1);
  EACH("adc", "adc %%rcx, %%rax", 1);
  EACH("sbb", "sbb %%ecx, %%eax", 1);
  EACH("imul", "mov %%rax, %%r10\n\timul %%rcx, %%r10\n\tmov %%r10, %%rax\n\ttest %%rax, %%rax", 1);
}

static void shifts(unsigned stride) {
  SHIFT(shl);
  SHIFT(shr);
  SHIFT(sar);
  EACH("rol", "rol $3, %%rax\n\ttest %%rax, %%rax", 1);
}

static void conditions(unsigned stride) {
  CONDITION(o);
  CONDITION(no);
  CONDITION(b);
  CONDITION(ae);
  CONDITION(e);
  CONDITION(ne);
  CONDITION(be);
  CONDITION(a);
  CONDITION(s);
  CONDITION(ns);
  CONDITION(p);
  CONDITION(np);
  CONDITION(l);
  CONDITION(ge);
  CONDITION(le);
  CONDITION(g);
}

static void moves(unsigned stride) {
  WIDTHS(mov, 1);
  EACH("mov i64", "movabs $0x123456789abcdef0, %%rax", 1);
  EACH("mov i32", "mov $-5, %%rax", 1);
  EACH("movzx", "movzbl %%cl, %%eax", 1);
  EACH("movzx h", "movzbl %%ch, %%eax", 1);
  EACH("movzx 16", "movzwq %%cx, %%rax", 1);
  EACH("movsx", "movsbq %%cl, %%rax", 1);
  EACH("movsx 16", "movswl %%cx, %%eax", 1);
  EACH("movsxd", "movslq %%ecx, %%rax", 1);
  EACH("movsx m", "movsbl 3(%[cells]), %%eax", 1);
  EACH("cltq", "cltq", 1);
  EACH("xchg", "xchg %%cl, %%ah", 1);
  EACH("xchg 32", "xchg %%ecx, %%edx", 1);
  EACH("xchg m", "xchg %%rax, 8(%[cells])", 1);
  EACH("xadd m", "lock xadd %%rax, 8(%[cells])", 1);
  EACH("cmpxchg m", "lock cmpxchg %%rcx, 8(%[cells])", 1);
  EACH("lea", "lea 8(%%rax,%%rcx,4), %%rdx", 1);
  EACH("lea 32", "lea -1(%%rax,%%rcx,8), %%edx", 1);
  EACH("push", "push %%rax\n\tpush %%rcx\n\tpop %%rax\n\tpop %%rcx", 1);
  EACH("push i", "push $-7\n\tpop %%rax", 1);
  EACH("push m", "push 8(%[cells])\n\tpop %%rcx", 1);
  EACH("push rsp", "push %%rsp\n\tpop %%r10\n\tcmp %%rsp, %%r10", 1);
  EACH("nop", "nopl 0(%%rax,%%rax,1)\n\tendbr64\n\tcmp %%rax, %%rcx", 1);
  EACH("across lines", "mov %%rax, 4(%[cells])\n\tmov 2(%[cells]), %%rcx", 1);
  EACH("vector cleared", "movq %%rax, %%xmm3\n\tmovq %%rcx, %%xmm4\n\tmov (%[shared]), %%r8\n\tpxor %%xmm3, %%xmm3\n\txorps %%xmm4, %%xmm4\n\tmovups %%xmm3, 8(%[shared])\n\tmov 8(%[shared]), %%rdx\n\tmovq %%xmm4, %%rcx\n\tmovq %%xmm3, %%rax\n\tcmp $1, %%r8", 1);
  EACH("vector stored", "movq %%rax, %%xmm9\n\tmovq %%rcx, %%xmm2\n\tpunpcklqdq %%xmm2, %%xmm9\n\tmov (%[shared]), %%r8\n\tmovdqu %%xmm9, 8(%[shared])\n\tmov 8(%[shared]), %%rcx\n\tmov 16(%[shared]), %%rax\n\tmovaps %%xmm9, 16(%[shared])\n\tmov 24(%[shared]), %%rdx\n\tcmp $1, %%r8", 1);
  EACH("vector", "movq %%rax, %%xmm0\n\tmovups %%xmm0, 16(%[cells])", 1);
}

static void calls(unsigned stride) {
  EACH("call", "call 1f\n\tjmp 2f\n1:\tmov (%%rsp), %%rdx\n\tsub %%rsp, %%rdx\n\txor %%edx, %%edx\n\tret\n2:", 1);
  EACH("call r", "lea 1f(%%rip), %%r10\n\tcall *%%r10\n\tjmp 2f\n1:\tadd %%rcx, %%rax\n\tret\n2:", 1);
  EACH("call m", "lea 1f(%%rip), %%r10\n\tmov %%r10, 16(%[cells])\n\tcall *16(%[cells])\n\tmov %%rax, 16(%[cells])\n\tjmp 2f\n1:\tsub %%rcx, %%rax\n\tret\n2:", 1);
  EACH("jmp r", "lea 1f(%%rip), %%r10\n\tjmp *%%r10\n\tmov $9, %%eax\n1:", 1);
  EACH("leave", "push %%rbp\n\tmov %%rsp, %%rbp\n\tpush %%rax\n\tleave", 1);
  EACH("loop", "mov $5, %%r10d\n1:\tadd %%rcx, %%rax\n\tdec %%r10d\n\tjne 1b", 1);
  EACH("long loop", "mov $500, %%r10d\n1:\tadd %%rcx, %%rax\n\tdec %%r10d\n\tjne 1b", 1);
}

int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  unsigned stride = atoi(argv[2]);
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED)
    return 1;
  pid_t child = fork();
  if (child < 0)
    return 1;
  if (child == 0) {
    if (strcmp(argv[1], "arithmetic") == 0)
      arithmetic(stride);
    else if (strcmp(argv[1], "shifts") == 0)
      shifts(stride);
    else if (strcmp(argv[1], "conditions") == 0)
      conditions(stride);
    else if (strcmp(argv[1], "moves") == 0)
      moves(stride);
    else
      calls(stride);
    return fflush(stdout) != 0;
  }
  int status;
  if (waitpid(child, &status, 0) != child)
    return 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
