/* SPDX-License-Identifier: MIT */
/*
 * A thread cancelled in a condition wait has the mutex again, and nothing
 * releases it.  cancel_wait.c has the cleanup handler.
 *
 * expect: lock-cancel-held
 * allow: perf-hot
 */
#include "condition.h"

static void *waiter(void *unused)
{
	pthread_mutex_lock(&m);
	for (;;)
		condition_wait();
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(waiter, NULL);

	condition_awaited(1);
	must(pthread_cancel(t) == 0, "cancel");
	IS(1, thread_end(t) == PTHREAD_CANCELED);
	IS(EBUSY, pthread_mutex_trylock(&m));
	return 0;
}
