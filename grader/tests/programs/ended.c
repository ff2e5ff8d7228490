/* A parent that catches SIGCHLD goes on writing to shared memory, and its exit
 * status is what the handler saw there: of a child that exits ("exit"), or that
 * another one kills ("kill"). */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int *shared;
static volatile int seen;

static void note(int signal)
{
	(void)signal;
	seen = 4 * seen + *shared;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = note, .sa_flags = SA_RESTART };
	int ends[2];
	char byte;
	pid_t first;

	shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (argc != 2 || shared == MAP_FAILED || pipe(ends) != 0)
		return 100;
	sigaction(SIGCHLD, &action, 0);
	first = fork();
	if (first == 0) {
		if (strcmp(argv[1], "kill") == 0)
			(void)!read(ends[0], &byte, 1);
		_exit(0);
	}
	if (strcmp(argv[1], "kill") == 0 && fork() == 0) {
		kill(first, SIGKILL);
		_exit(0);
	}
	*shared = 1;
	*shared = 2;
	*shared = 3;
	while (wait(0) > 0)
		;
	return seen;
}
