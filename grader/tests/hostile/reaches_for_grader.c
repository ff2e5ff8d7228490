/* Has SIGIO sent to the grader, and changes its limits and its priority. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	pid_t grader = getppid();
	int ends[2];
	struct rlimit none = { 0, 0 };
	int got = pipe(ends) == 0 && fcntl(ends[0], F_SETOWN, grader) == 0;
	if (got) {
		fcntl(ends[0], F_SETSIG, SIGKILL);
		fcntl(ends[0], F_SETFL, O_ASYNC);
		if (write(ends[1], "", 1) < 0)
			got = 0;
	}
	got |= prlimit(grader, RLIMIT_FSIZE, &none, NULL) == 0;
	got |= prlimit(grader, RLIMIT_CPU, &none, NULL) == 0;
	got |= setpriority(PRIO_PROCESS, grader, 19) == 0;
	if (got)
		escaped(argv, "the grader's limits");
	refused();
}
