/* SPDX-License-Identifier: MIT */
/*
 * A barrier and a condition variable that are freed by the first thread that
 * is through, as they may be once they are destroyed, while the others are
 * still on their way out of the calls.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "program.h"

#define ROUNDS	2000
#define THREADS 4

struct meeting {
	pthread_barrier_t barrier;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int open;
};

static struct meeting *_Atomic meeting;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int met;

static void begin(void)
{
	struct meeting *m = malloc(sizeof(*m));

	must(m != NULL, "have memory");
	must(pthread_barrier_init(&m->barrier, NULL, THREADS) == 0, "init");
	must(pthread_cond_init(&m->changed, NULL) == 0, "init");
	meeting = m;
}

static void *body(void *unused)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct meeting *m = meeting;

		pthread_mutex_lock(&lock);
		pthread_cond_signal(&m->changed);
		pthread_mutex_unlock(&lock);
		if (pthread_barrier_wait(&m->barrier) ==
		    PTHREAD_BARRIER_SERIAL_THREAD) {
			pthread_cond_destroy(&m->changed);
			pthread_barrier_destroy(&m->barrier);
			free(m);
			begin();
			__atomic_store_n(&met, i + 1, __ATOMIC_RELEASE);
		}
		while (__atomic_load_n(&met, __ATOMIC_ACQUIRE) != i + 1)
			sched_yield();
	}
	return unused;
}

int main(void)
{
	pthread_t threads[THREADS];

	begin();
	for (int i = 0; i < THREADS; i++)
		threads[i] = thread_start(body, NULL);
	for (int i = 0; i < THREADS; i++)
		thread_end(threads[i]);
	free(meeting);
	return 0;
}
