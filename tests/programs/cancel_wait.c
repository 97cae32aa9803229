/* SPDX-License-Identifier: MIT */
/*
 * A thread cancelled in a condition wait has the mutex again when its
 * cleanup handlers run: in all three waits, and with asynchronous delivery.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int waits;

static void cleanup(void *name)
{
	printf("cleanup of %s\n", (const char *)name);
	IS(EBUSY, pthread_mutex_trylock(&m));
	IS(0, pthread_mutex_unlock(&m));
}

static void *waiter(void *which)
{
	static char name[] = "waiter";
	struct timespec later = time_in_ms(CLOCK_REALTIME, 100000);

	pthread_mutex_lock(&m);
	pthread_cleanup_push(cleanup, name);
	waits = 1;
	for (;;)
		switch (*(const char *)which) {
		case 'w':
			pthread_cond_wait(&c, &m);
			break;
		case 't':
			pthread_cond_timedwait(&c, &m, &later);
			break;
		default:
			pthread_cond_clockwait(&c, &m, CLOCK_REALTIME, &later);
		}
	pthread_cleanup_pop(1);
	return NULL;
}

int main(void)
{
	static char which[] = "wtc";

	for (char *w = which; *w; w++) {
		pthread_t t = thread_start(waiter, w);

		/* with the mutex ours and the flag up, it is in the wait */
		for (int in = 0; !in; sched_yield()) {
			pthread_mutex_lock(&m);
			in = waits;
			pthread_mutex_unlock(&m);
		}
		must(pthread_cancel(t) == 0, "cancel");
		IS(1, thread_end(t) == PTHREAD_CANCELED);
		waits = 0;
		IS(0, pthread_mutex_lock(&m));
		IS(0, pthread_mutex_unlock(&m));
	}
	return 0;
}
