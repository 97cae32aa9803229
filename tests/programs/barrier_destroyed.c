/* SPDX-License-Identifier: MIT */
/*
 * A barrier is destroyed while a thread waits at it: glibc waits for the
 * thread, which nobody meets.
 *
 * traces: 2
 * expect: barrier-misuse
 */
#include "stuck.h"

static pthread_barrier_t b;
static int waiter_id;

static void *waiter(void *unused)
{
	__atomic_store_n(&waiter_id, (int)gettid(), __ATOMIC_RELEASE);
	pthread_barrier_wait(&b);
	return unused;
}

static void deadlock(void)
{
	char path[64];
	int id;

	pthread_barrier_init(&b, NULL, 2);
	thread_start(waiter, NULL);
	while (!(id = __atomic_load_n(&waiter_id, __ATOMIC_ACQUIRE)))
		sched_yield();
	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", id);
	while (!task_in_futex(path))
		sched_yield();
	stuck_next();
	pthread_barrier_destroy(&b);
}

int main(void)
{
	run_until_stuck(deadlock, 1);
	return 0;
}
