/* Sends SIGKILL to the grader, by process, by thread and by descriptor. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	pid_t grader = getppid();
	int got = syscall(SYS_tgkill, grader, grader, SIGKILL) == 0;
	int handle = syscall(SYS_pidfd_open, grader, 0);
	got |= handle >= 0 && syscall(SYS_pidfd_send_signal, handle, SIGKILL, NULL, 0) == 0;
	got |= kill(grader, SIGKILL) == 0;
	if (got)
		escaped(argv, "a signal to the grader");
	refused();
}
