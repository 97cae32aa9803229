/* SPDX-License-Identifier: MIT */
/*
 * A thread waits for a mutex while its holder writes and reads for long, but
 * never waits: the descriptors are not blocking.
 *
 * env: CMSHIM_BLOCK_US=1
 * expect: nothing
 * allow: perf-hot
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <time.h>

#include "mutex_waiter.h"

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int main(void)
{
	static char page[1 << 16]; /* what a pipe holds */
	pthread_t waiter;
	long began;
	int ends[2];

	must(pipe2(ends, O_NONBLOCK) == 0, "make a pipe");
	pthread_mutex_lock(&m);
	waiter = thread_start(wait_for_mutex, NULL);
	while (!waiter_id || !is_in_futex(waiter_id))
		sched_yield();
	/* Over 1 ms of it would be a finding. */
	for (began = now_ms(); now_ms() - began < 20;) {
		must(write(ends[1], page, sizeof(page)) > 0, "write");
		must(read(ends[0], page, sizeof(page)) > 0, "read");
	}
	pthread_mutex_unlock(&m);
	thread_end(waiter);
	return 0;
}
