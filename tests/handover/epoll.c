/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that epoll reports to one thread when another has added them, or
 * armed them anew, as servers do that hand their connections round.
 *
 * build: -pthread
 * steps: 4
 */
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "handover.h"

enum { STEPS = 4 };

static int poll_fd, ready[2]; /* something is always to be read of these */

static void *taker(void *unused)
{
	for (int step = 0; step < STEPS; step++) {
		struct epoll_event e;

		if (step < 2)
			while (epoll_wait(poll_fd, &e, 1, -1) != 1)
				;
		else
			while (epoll_pwait(poll_fd, &e, 1, -1, NULL) != 1)
				;
		after_taking(step);
	}
	return unused;
}

/* Reported once, until it is armed anew. */
static void arm(int step)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLONESHOT,
				 .data.u64 = (uint64_t)(step % 2) << 32 };

	if (epoll_ctl(poll_fd, step < 2 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
		      ready[step % 2], &e) != 0)
		exit(99);
}

int main(int argc, char **argv)
{
	pthread_t t;

	begin(argc, argv);
	poll_fd = epoll_create1(0);
	ready[0] = eventfd(1, 0);
	ready[1] = eventfd(1, 0);
	pthread_create(&t, NULL, taker, NULL);
	for (int step = 0; step < STEPS; step++) {
		before_giving(step);
		arm(step);
		after_giving(step);
	}
	pthread_join(t, NULL);
	return end(STEPS);
}
