/* SPDX-License-Identifier: MIT */
/*
 * A semaphore is destroyed while a thread waits for it; uncontended_sem.c and
 * others destroy theirs when nobody does.
 *
 * traces: 2
 * expect: lock-destroy-held
 */
#include <semaphore.h>

#include "stuck.h"

static sem_t s;
static int waiter_id;

static void *waiter(void *unused)
{
	__atomic_store_n(&waiter_id, (int)gettid(), __ATOMIC_RELEASE);
	sem_wait(&s);
	return unused;
}

static void deadlock(void)
{
	pthread_t t;
	char path[64];
	int id;

	sem_init(&s, 0, 0);
	t = thread_start(waiter, NULL);
	while (!(id = __atomic_load_n(&waiter_id, __ATOMIC_ACQUIRE)))
		sched_yield();
	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", id);
	while (!task_in_futex(path))
		sched_yield();
	sem_destroy(&s);
	stuck_next();
	thread_end(t);
}

int main(void)
{
	run_until_stuck(deadlock, 1);
	return 0;
}
