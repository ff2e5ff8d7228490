/* Makes itself unreadable for a tracer. */
#include "hostile.h"
#include <sys/prctl.h>
int main(int argc, char **argv)
{
	attempt(argc);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
		escaped(argv, "undumpable");
	refused();
}
