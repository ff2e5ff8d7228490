/*
 * Right: in each process a thread of its own writes the record, and the main
 * thread joins it.
 */
#include "../common.h"

struct job {
    const char *path;
    const char *record;
    int result;
};

static void *work(void *argument)
{
    struct job *job = argument;

    job->result = write_record(job->path, job->record);
    return NULL;
}

static int writer(const char *path, const char *record)
{
    struct job job = {path, record, -1};
    pthread_t thread;

    errno = pthread_create(&thread, NULL, work, &job);
    if (errno != 0)
        return complain("pthread_create");
    errno = pthread_join(thread, NULL);
    if (errno != 0)
        return complain("pthread_join");
    return job.result;
}

int main(int argc, char **argv)
{
    start(argc);
    return run(argc, argv, writer);
}
