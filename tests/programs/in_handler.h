/* SPDX-License-Identifier: MIT */
/*
 * A timer's handler that writes to a map, on a thread that has nothing else to
 * do, when the main thread has done its part.
 */
#ifndef TESTS_IN_HANDLER_H
#define TESTS_IN_HANDLER_H

#include <signal.h>
#include <sys/time.h>

#include "unordered.h"

static pthread_t in_handler_thread;
static int in_handler_begun;

static inline void in_handler_run(int signo)
{
	(void)signo;
	turn_begin(1);
	insert(2);
	turn_end();
}

static inline void *in_handler_wait(void *unused)
{
	meet(&in_handler_begun, 2);
	turn_begin(2);
	return unused;
}

static inline void in_handler_begin(void)
{
	const struct sigaction sa = { .sa_handler = in_handler_run };
	sigset_t one;

	sigaction(SIGALRM, &sa, NULL);
	in_handler_thread = thread_start(in_handler_wait, NULL);
	sigemptyset(&one);
	sigaddset(&one, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &one, NULL);
	meet(&in_handler_begun, 2);
}

static inline void in_handler_soon(void)
{
	const struct itimerval soon = { .it_value.tv_usec = 1000 };

	IS(0, setitimer(ITIMER_REAL, &soon, NULL));
}

static inline void in_handler_end(void)
{
	turn_end();
	turn_begin(2);
	thread_end(in_handler_thread);
	printf("%d\n", is_there(1) + is_there(2));
}

#endif
