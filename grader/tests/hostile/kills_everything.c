/* Sends SIGKILL to whatever may be sent one. Where that is the whole machine it
 * holds back, and says so: a test must not end the machine it runs on. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	if (kill(1, 0) == 0 || kill(getppid(), 0) == 0)
		escaped(argv, "signals to others are allowed");
	if (kill(-1, SIGKILL) == 0)
		escaped(argv, "kill(-1)");
	refused();
}
