/* Two processes, or threads, move one offset in a file: they write to it
 * ("write", "dup" by another descriptor, "threads"), or read a file that nobody
 * changes, this program ("read", "again" on a descriptor got anew), and append
 * what they got to FILE. */
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int from, to, twice;
static const char *own, *what;

static void *work(void *name)
{
	char got[2] = "";
	if (strcmp(what, "dup") == 0)
		to = dup2(to, 20);
	if (strcmp(what, "again") == 0)
		from = open(own, O_RDONLY);
	for (int i = 0; i < twice; i++) {
		if (from >= 0 && read(from, got + i, 1) != 1)
			_exit(1);
		if (from < 0 && write(to, name, 1) != 1)
			_exit(2);
	}
	if (from >= 0 && write(to, got, twice) != twice)
		_exit(3);
	return NULL;
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 4;
	what = argv[1];
	twice = argv[2][0] - '0';
	own = argv[0];
	int reads = strcmp(what, "read") == 0 || strcmp(what, "again") == 0;
	/* The descriptor is not the first that the file was opened by. */
	int first = open("/dev/null", O_RDONLY);
	from = reads ? open(own, O_RDONLY) : -1;
	close(first);
	if (reads)
		from = dup2(from, 10);
	to = open(argv[3], O_WRONLY | O_CREAT | (reads ? O_APPEND : 0), 0644);
	if (strcmp(what, "threads") == 0) {
		pthread_t thread;
		pthread_create(&thread, NULL, work, "b");
		work("a");
		pthread_join(thread, NULL);
		return 0;
	}
	pid_t child = fork();
	work(child ? "a" : "b");
	if (child == 0)
		_exit(0);
	return waitpid(child, NULL, 0) != child;
}
