/* SPDX-License-Identifier: MIT */
/*
 * Two threads hand a mutex to each other forty times, each time after a wait;
 * nobody else waits.
 *
 * expect: perf-hot
 * expect: lock-held-blocking
 * expect: lock-held-blocking
 * allow: perf-long-hold
 * env: CMSHIM_STAMPS=all
 */
#include "perf_queue.h"

enum { TURNS = 40 };

static _Atomic int n_taken;

static void *take_turns(void *number)
{
	int mine = (int)(intptr_t)number;

	for (int turn = mine; turn < TURNS; turn += 2) {
		while (n_taken < turn)
			sched_yield();
		waiter_comes(mine);
		pthread_mutex_lock(&m);
		n_taken++;
		if (turn < TURNS - 1) {
			await_waiter(!mine);
			usleep(200);
		}
		pthread_mutex_unlock(&m);
	}
	return NULL;
}

int main(void)
{
	pthread_t t = thread_start(take_turns, (void *)1);

	take_turns((void *)0);
	thread_end(t);
	return 0;
}
