/* Makes a system call the 32-bit way, which has other numbers. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	long result = 20; /* getpid */
	__asm__ volatile("int $0x80" : "+a"(result) : : "memory");
	escaped(argv, "int 0x80");
}
