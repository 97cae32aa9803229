/* SPDX-License-Identifier: MIT */
/*
 * A thread is woken by a signal that is not recorded, which looks like one
 * that nobody sent, and waits again, for what it waited for is not there.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "condition.h"

static void *waiter(void *unused)
{
	pthread_mutex_lock(&m);
	while (!goes)
		condition_wait();
	pthread_mutex_unlock(&m);
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(waiter, NULL);

	condition_awaited(1);
	condition_signal_unseen();
	condition_awaited(2);
	condition_meet();
	thread_end(t);
	return 0;
}
