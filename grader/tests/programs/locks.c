/* Two processes enter a critical section, each once, with a lock made by hand.
 * Exit status 0 if never both were inside. Argument 2 names the lock. */
#include "processes.h"

#include <string.h>

static struct {
	volatile int flag[2], turn, inside, both;
	volatile char held;
} *s;
static const char *lock;

static int is(const char *name)
{
	return strcmp(lock, name) == 0;
}

#define FENCE() __atomic_thread_fence(__ATOMIC_SEQ_CST)

static void enter(int i)
{
	int other = 1 - i;
	if (is("peterson") || is("peterson-moved")) {
		if (is("peterson")) {
			s->flag[i] = 1;
			FENCE();
			s->turn = other;
		} else { /* The stores change places. */
			s->turn = other;
			FENCE();
			s->flag[i] = 1;
		}
		FENCE();
		while (s->flag[other] && s->turn == other)
			;
	} else if (is("dekker") || is("dekker-moved")) {
		if (is("dekker-moved")) { /* Raised only after the look. */
			while (s->flag[other])
				;
			s->flag[i] = 1;
			return;
		}
		s->flag[i] = 1;
		FENCE();
		while (s->flag[other]) {
			if (s->turn != i) {
				s->flag[i] = 0;
				while (s->turn != i)
					;
				s->flag[i] = 1;
				FENCE();
			}
		}
	} else if (is("spin")) {
		while (__atomic_test_and_set(&s->held, __ATOMIC_SEQ_CST))
			;
	} else if (is("flag")) { /* Test, then set. */
		while (s->held)
			;
		s->held = 1;
	}
}

static void leave(int i)
{
	if (is("dekker"))
		s->turn = 1 - i;
	FENCE();
	s->flag[i] = 0;
	s->held = 0;
}

static void body(int i)
{
	enter(i);
	if (s->inside)
		s->both = 1;
	s->inside = 1;
	s->inside = 0;
	leave(i);
}

int main(int argc, char **argv)
{
	lock = argc > 2 ? argv[2] : "";
	s = (void *)shared_memory();
	int status = run(2, body);
	return status ? status : s->both;
}
