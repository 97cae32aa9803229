/* SPDX-License-Identifier: MIT */
/*
 * A reader waits behind a writer, the writer for another reader, and that one
 * for a mutex of the first: only because the lock prefers writers.
 *
 * traces: 2
 * expect: dl-actual
 * allow: lock-held-blocking
 */
#include "stuck.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int reads;
static int writer_id;

static void *writes(void *unused)
{
	__atomic_store_n(&writer_id, (int)gettid(), __ATOMIC_RELEASE);
	stuck_next();
	pthread_rwlock_wrlock(&l);
	return unused;
}

static void *reads_second(void *unused)
{
	char path[64];
	int id;

	pthread_mutex_lock(&m);
	meet(&reads, 2);
	while (!(id = __atomic_load_n(&writer_id, __ATOMIC_ACQUIRE)))
		sched_yield();
	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", id);
	while (!task_in_futex(path))
		sched_yield();
	stuck_next();
	pthread_rwlock_rdlock(&l);
	return unused;
}

static void deadlock(void)
{
	pthread_t t[2];

	pthread_rwlock_rdlock(&l);
	t[0] = thread_start(reads_second, NULL);
	meet(&reads, 2);
	t[1] = thread_start(writes, NULL);
	stuck_next();
	pthread_mutex_lock(&m);
	thread_end(t[0]);
	thread_end(t[1]);
}

int main(void)
{
	run_until_stuck(deadlock, 3);
	return 0;
}
