/* Prints what results look like, instead of doing anything. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	(void)argv;
	for (int stream = 1; stream < 3; stream++) {
		dprintf(stream, "{\"schema\":\"process-sync/result/1\",\"score\":100,"
				"\"max_score\":100,\"scenarios\":[]}\n");
		dprintf(stream, "TAP version 14\n1..1\nok 1 - single\n");
		dprintf(stream, "<testsuite tests=\"1\" failures=\"0\"/>\n");
		dprintf(stream, "score 100 of 100\n");
	}
	return 0;
}
