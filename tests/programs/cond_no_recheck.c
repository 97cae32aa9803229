/* SPDX-License-Identifier: MIT */
/*
 * A thread is woken by a signal that is not recorded, which looks like one
 * that nobody sent, and does not look at what it waited for again.
 *
 * expect: cv-no-recheck
 * allow: perf-hot
 */
#include "condition.h"

static void *waiter(void *unused)
{
	pthread_mutex_lock(&m);
	if (!goes)
		condition_wait();
	pthread_mutex_unlock(&m);
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(waiter, NULL);

	condition_awaited(1);
	condition_signal_unseen();
	thread_end(t);
	return 0;
}
