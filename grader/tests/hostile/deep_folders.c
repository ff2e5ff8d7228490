/* Makes folders ten thousand deep that nobody may enter. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	(void)argv;
	for (int depth = 0; depth < 10000; depth++)
		if (mkdir("d", 0700) != 0 || chdir("d") != 0)
			break;
	for (int depth = 0; depth < 10000; depth++)
		if (chdir("..") != 0 || chmod("d", 0) != 0)
			break;
	return 0;
}
