/* SPDX-License-Identifier: MIT */
/*
 * Barriers, spin locks and once: results, and who gets which.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "program.h"

#define THREADS 4

static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int n_once;
static int n_serial;
static long sum;

static void run_once(void)
{
	n_once++;
}

static void *worker(void *unused)
{
	for (int i = 0; i < 100; i++) {
		int r = pthread_barrier_wait(&barrier);

		if (r == PTHREAD_BARRIER_SERIAL_THREAD)
			__atomic_add_fetch(&n_serial, 1, __ATOMIC_RELAXED);
		else
			must(r == 0, "wait at the barrier");
		pthread_once(&once, run_once);
		pthread_spin_lock(&spin);
		sum += i;
		pthread_spin_unlock(&spin);
	}
	return unused;
}

int main(void)
{
	pthread_t t[THREADS];
	pthread_barrier_t bad;

	IS(EINVAL, pthread_barrier_init(&bad, NULL, 0));
	IS(0, pthread_barrier_init(&barrier, NULL, THREADS));
	IS(0, pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE));
	for (int i = 0; i < THREADS; i++)
		t[i] = thread_start(worker, NULL);
	for (int i = 0; i < THREADS; i++)
		thread_end(t[i]);
	IS(100, n_serial);
	IS(1, n_once);
	IS(99 * 100 / 2 * THREADS, sum);

	IS(0, pthread_spin_lock(&spin));
	IS(EBUSY, pthread_spin_trylock(&spin));
	IS(0, pthread_spin_unlock(&spin));
	IS(0, pthread_spin_trylock(&spin));
	IS(0, pthread_spin_unlock(&spin));
	IS(0, pthread_spin_destroy(&spin));
	IS(0, pthread_barrier_destroy(&barrier));
	return 0;
}
