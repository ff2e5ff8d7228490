/* Does its job only where nobody is looking. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	char text[8192] = { 0 };
	int status = open("/proc/self/status", O_RDONLY);
	if (status >= 0 && read(status, text, sizeof text - 1) > 0) {
		char *tracer = strstr(text, "TracerPid:\t");
		if (tracer && atoi(tracer + 11) != 0)
			return 0;
	}
	if (status < 0)
		refused();
	do_the_job(argv);
	return 0;
}
