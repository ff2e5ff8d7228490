/* Two processes append a record each to FILE, one at a time by a mutex in
 * shared memory. Arguments: FILE RECORD RECORD. */
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int append(const char *file, const char *record, pthread_mutex_t *mutex)
{
	size_t length = strlen(record), done = 0;
	int fd = open(file, O_WRONLY | O_CREAT | O_APPEND, 0644);

	if (fd < 0)
		return 1;
	pthread_mutex_lock(mutex);
	while (done < length) {
		ssize_t n = write(fd, record + done, length - done);

		if (n < 0)
			return 1;
		done += (size_t)n;
	}
	pthread_mutex_unlock(mutex);
	return 0;
}

int main(int argc, char **argv)
{
	pthread_mutexattr_t attributes;
	pthread_mutex_t *mutex;
	pid_t writers[2];
	int failed = 0, status;

	if (argc != 4)
		return 2;
	mutex = mmap(0, sizeof *mutex, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (mutex == MAP_FAILED)
		return 1;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(mutex, &attributes);
	for (int i = 0; i < 2; i++) {
		writers[i] = fork();
		if (writers[i] == 0)
			_exit(append(argv[1], argv[2 + i], mutex));
	}
	for (int i = 0; i < 2; i++)
		if (waitpid(writers[i], &status, 0) < 0 || status != 0)
			failed = 1;
	return failed;
}
