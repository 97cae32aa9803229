/* SPDX-License-Identifier: MIT */
/*
 * futex_waitv(2): each word waited on is recorded, with how the wait ended;
 * results and errno are as without us.  Who is woken at one word or the other
 * waits for work, not for a lock.
 *
 * expect: nothing
 * events: WAIT WAKE SIGNAL
 * event: 1 WAIT futex#1 syscall
 * event: 1 WAIT futex#2 syscall
 * event: 1 WAKE futex#1 syscall EAGAIN
 * event: 1 WAKE futex#2 syscall EAGAIN
 * event: 1 WAIT futex#1 syscall
 * event: 1 WAIT futex#2 syscall
 * event: 1 WAKE futex#1 syscall ETIMEDOUT
 * event: 1 WAKE futex#2 syscall ETIMEDOUT
 * event: 1 SIGNAL futex#1 syscall
 * event: 1 SIGNAL futex#2 syscall
 * event: 1 SIGNAL futex#1 syscall
 * event: 2 WAIT futex#1 syscall
 * event: 2 WAIT futex#2 syscall
 * event: 2 WAKE futex#1 syscall
 * event: 2 WAKE futex#2 syscall ECANCELED
 * event: 2 WAIT futex#1 syscall
 * event: 2 WAIT futex#2 syscall
 * event: 2 WAKE futex#2 syscall
 * event: 2 WAKE futex#1 syscall ECANCELED
 * event: 2 WAIT futex#1 syscall
 * event: 2 WAIT futex#2 syscall
 * event: 2 WAKE futex#1 syscall
 * event: 2 WAKE futex#2 syscall ECANCELED
 */
#include "futex_waitv.h"
#include "in_futex.h"
#include "program.h"

static uint32_t one, other;
static uint32_t *const words[] = { &one, &other };
static int there[3];
static long waiter_id; /* kernel's */

static void *waiter(void *unused)
{
	const uint32_t values[] = { 0, 0 };

	waiter_id = syscall(SYS_gettid);
	for (int i = 0; i < 3; i++) {
		meet(&there[i], 2);
		IS(i % 2, wait_for_either(words, values, NULL));
	}
	return unused;
}

int main(void)
{
	const uint32_t values[] = { 0, 0 }, wrong[] = { 0, 1 };
	struct timespec soon = time_in_ms(CLOCK_MONOTONIC, 5);
	pthread_t t;

	FAILS(EAGAIN, wait_for_either(words, wrong, NULL));
	FAILS(ETIMEDOUT, wait_for_either(words, values, &soon));
	FAILS(EINVAL, syscall(SYS_futex_waitv, NULL, 0, 0, NULL, 0));
	FAILS(EFAULT, syscall(SYS_futex_waitv, (void *)16, 1, 0, NULL, 0));
	FAILS(EINVAL,
	      syscall(SYS_futex_waitv, words, FUTEX_WAITV_MAX + 1, 0, NULL, 0));

	t = thread_start(waiter, NULL);
	for (int i = 0; i < 3; i++) {
		meet(&there[i], 2);
		while (!is_in_futex(waiter_id))
			sched_yield();
		usleep(2000);
		if (syscall(SYS_futex, words[i % 2], FUTEX_WAKE_PRIVATE, 1) !=
		    1)
			_exit(99);
	}
	thread_end(t);
	return 0;
}
