/* Looks for secrets in the grader: traces it, reads its memory, its arguments
 * and its environment; and in its own. */
#include "hostile.h"
#include <sys/ptrace.h>
#include <sys/uio.h>
extern char **environ;
static void look(char **argv, const char *name)
{
	char path[64], text[65536];
	snprintf(path, sizeof path, "/proc/%d/%s", getppid(), name);
	int fd = open(path, O_RDONLY);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text);
	if (length > 0 && memmem(text, length, "CANARY", 6))
		escaped(argv, name);
	if (length > 0 && strcmp(name, "maps") == 0)
		escaped(argv, name);
}
int main(int argc, char **argv)
{
	attempt(argc);
	for (char **variable = environ; *variable; variable++)
		if (strstr(*variable, "CANARY"))
			escaped(argv, "a secret in the environment");
	for (char **argument = argv; *argument; argument++)
		if (strstr(*argument, "CANARY"))
			escaped(argv, "a secret in the arguments");
	if (ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0)
		escaped(argv, "ptrace");
	char byte;
	struct iovec here = { &byte, 1 }, there = { (void *)0x400000, 1 };
	if (process_vm_readv(getppid(), &here, 1, &there, 1, 0) > 0)
		escaped(argv, "process_vm_readv");
	look(argv, "environ");
	look(argv, "cmdline");
	look(argv, "maps");
	refused();
}
