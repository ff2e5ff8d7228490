/* Makes children that a tracer is not told of, by clone and by clone3. */
#include "hostile.h"
#include <linux/sched.h>
static void live_on(void)
{
	setsid();
	for (;;)
		pause();
}
int main(int argc, char **argv)
{
	attempt(argc);
	long child = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0);
	if (child == 0)
		live_on();
	struct clone_args how = { .flags = CLONE_UNTRACED, .exit_signal = SIGCHLD };
	long other = syscall(SYS_clone3, &how, sizeof how);
	if (other == 0)
		live_on();
	if (child > 0 || other > 0)
		escaped(argv, "an untraced child");
	refused();
}
