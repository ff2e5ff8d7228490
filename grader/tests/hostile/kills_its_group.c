/* Sends SIGKILL to its own process group, which the grader must not be in. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	kill(0, SIGKILL);
	escaped(argv, "no death");
}
