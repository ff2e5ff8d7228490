/* Spin locks: two processes increment a counter under one. Exit status 0 if
 * none was lost. Argument 1 names the lock. */
#include "processes.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>

static struct {
	atomic_flag flag;
	atomic_int word, next, serving;
	volatile int counter;
} *s;
static const char *lock;

static int is(const char *name)
{
	return strcmp(lock, name) == 0;
}

static void enter(void)
{
	int expected = 0, tries = 0;
	if (is("test-and-set")) {
		while (atomic_flag_test_and_set(&s->flag))
			;
	} else if (is("pause")) {
		while (atomic_flag_test_and_set(&s->flag))
			__builtin_ia32_pause();
	} else if (is("yield")) {
		while (atomic_flag_test_and_set(&s->flag))
			sched_yield();
	} else if (is("compare-and-swap")) {
		while (!atomic_compare_exchange_weak(&s->word, &expected, 1))
			expected = 0;
	} else if (is("test-first")) {
		do {
			while (atomic_load(&s->word))
				__builtin_ia32_pause();
		} while (atomic_exchange(&s->word, 1));
	} else if (is("ticket")) {
		int mine = atomic_fetch_add(&s->next, 1);
		while (atomic_load(&s->serving) != mine)
			;
	} else if (is("backoff")) {
		while (atomic_exchange(&s->word, 1))
			for (volatile int i = 0; i < tries; i++)
				tries += tries < 1000;
	} else if (is("yields-later")) {
		while (atomic_exchange(&s->word, 1))
			if (++tries > 3)
				sched_yield();
	} else if (is("gives-up")) { /* After three tries it goes in all the same. */
		while (atomic_exchange(&s->word, 1) && tries < 3)
			tries++;
	} else if (is("looks-then-sets")) {
		while (atomic_load(&s->word))
			__builtin_ia32_pause();
		atomic_store(&s->word, 1);
	}
}

static void leave(void)
{
	if (is("ticket"))
		atomic_fetch_add(&s->serving, 1);
	atomic_flag_clear(&s->flag);
	atomic_store(&s->word, 0);
}

static void body(int i)
{
	(void)i;
	enter();
	s->counter++;
	leave();
}

int main(int argc, char **argv)
{
	lock = argc > 1 ? argv[1] : "";
	s = (void *)shared_memory();
	return run(2, body) ? 8 : s->counter != 2;
}
