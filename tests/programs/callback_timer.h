/* SPDX-License-Identifier: MIT */
/*
 * A timer's function writes a tree that two threads write under a mutex: after
 * both, which nothing orders but the mutex.
 */
#ifndef TESTS_CALLBACK_TIMER_H
#define TESTS_CALLBACK_TIMER_H

#include <signal.h>

#include "callback.h"

/* How it writes. */
static void write_it(void);

static void expire(union sigval unused)
{
	(void)unused;
	turn_begin(2);
	write_it();
	turn_end();
}

int main(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD,
				  .sigev_notify_function = expire };
	const struct itimerspec soon = { .it_value.tv_nsec = 1000000 };
	pthread_t t = thread_start(other_thread, NULL);
	timer_t timer;

	for (int i = 0; i < 10; i++)
		insert_locked(i);
	IS(0, timer_create(CLOCK_MONOTONIC, &event, &timer));
	IS(0, timer_settime(timer, 0, &soon, NULL));
	turn_end();
	turn_begin(3);
	thread_end(t);
	pthread_mutex_lock(&m);
	printf("%d\n", is_there(20));
	pthread_mutex_unlock(&m);
	return 0;
}

#endif
