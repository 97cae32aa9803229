/* SPDX-License-Identifier: MIT */
/*
 * A mutex that is held through calls at two places, so that a thread waits
 * for it meanwhile: one finding, not one for each call.
 *
 * expect: perf-hot
 * expect: lock-held-blocking
 * says: held through calls at 2 places
 */
#include "mutex_waiter.h"

int main(void)
{
	pthread_t waiter;

	pthread_mutex_lock(&m);
	waiter = thread_start(wait_for_mutex, NULL);
	while (!waiter_id || !is_in_futex(waiter_id))
		sched_yield();
	usleep(5000);
	usleep(6000);
	pthread_mutex_unlock(&m);
	thread_end(waiter);
	return 0;
}
