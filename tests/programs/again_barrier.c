/* SPDX-License-Identifier: MIT */
/*
 * A barrier that is destroyed and freed by the first thread that is through,
 * as it may be, while the other is still on its way out of the call.  It orders
 * what the two do: one takes two locks before it, the other takes them in the
 * opposite order after it.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "order.h"

#define ROUNDS 400

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t end_of_round;
static pthread_barrier_t *_Atomic meeting;
static int through;

static void meeting_begin(void)
{
	pthread_barrier_t *m = malloc(sizeof(*m));

	must(m != NULL, "have memory");
	must(pthread_barrier_init(m, NULL, 2) == 0, "init");
	meeting = m;
}

static void meet_once(void)
{
	pthread_barrier_t *m = meeting;

	pthread_barrier_wait(m);
	if (__atomic_fetch_add(&through, 1, __ATOMIC_ACQ_REL) % 2)
		return;
	pthread_barrier_destroy(m);
	free(m);
	meeting_begin();
}

static void *forward(void *unused)
{
	for (int i = 0; i < ROUNDS; i++) {
		take_both(&a, &b);
		meet_once();
		pthread_barrier_wait(&end_of_round);
	}
	return unused;
}

static void *backward(void *unused)
{
	for (int i = 0; i < ROUNDS; i++) {
		meet_once();
		take_both(&b, &a);
		pthread_barrier_wait(&end_of_round);
	}
	return unused;
}

int main(void)
{
	static void *(*const bodies[])(void *) = { forward, backward };

	meeting_begin();
	must(pthread_barrier_init(&end_of_round, NULL, 2) == 0, "init");
	run_threads(bodies, 2);
	free(meeting);
	return 0;
}
