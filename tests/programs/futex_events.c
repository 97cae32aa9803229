/* SPDX-License-Identifier: MIT */
/*
 * futex(2) by syscall(): waits and wakes are recorded with how they ended,
 * results and errno are as without us; what else syscall() does passes.
 *
 * expect: nothing
 * events: WAIT WAKE SIGNAL
 * event: 1 WAIT futex#1 syscall
 * event: 1 WAKE futex#1 syscall EAGAIN
 * event: 1 WAIT futex#1 syscall
 * event: 1 WAKE futex#1 syscall ETIMEDOUT
 * event: 1 WAIT futex#1 syscall
 * event: 1 WAKE futex#1 syscall EINVAL
 * event: 1 SIGNAL futex#1 syscall
 * event: 1 SIGNAL futex#1 syscall
 * event: 1 SIGNAL futex#2 syscall
 * event: 1 SIGNAL futex#1 syscall
 * event: 1 SIGNAL futex#2 syscall
 * event: 1 WAIT futex#3 syscall
 * event: 1 WAKE futex#3 syscall
 * event: 1 SIGNAL futex#3 syscall
 * event: 1 SIGNAL futex#4 syscall
 * event: 1 WAIT futex#1 syscall
 * event: 1 WAKE futex#1 syscall EINTR
 * event: 2 WAIT futex#4 syscall
 * event: 2 WAKE futex#4 syscall
 */
#include <linux/futex.h>
#include <signal.h>
#include <stdint.h>
#include <sys/time.h>

#include "in_futex.h"
#include "program.h"

static uint32_t word = 1, other = 1, lock_pi, gate;
static int there;
static long waiter_id; /* kernel's */
static long woken = -1;

static long futex(uint32_t *at, int op, uint32_t value, const void *four,
		  void *second, uint32_t three)
{
	return syscall(SYS_futex, at, op, value, four, second, three);
}

static void *waiter(void *unused)
{
	waiter_id = syscall(SYS_gettid);
	meet(&there, 2);
	woken = futex(&gate, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	return unused;
}

static void ignore(int signo)
{
	(void)signo;
}

static void wake_other(void)
{
	pthread_t t = thread_start(waiter, NULL);

	meet(&there, 2);
	while (!is_in_futex(waiter_id))
		sched_yield();
	IS(1, futex(&gate, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	thread_end(t);
	IS(0, woken);
}

int main(void)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	const struct itimerval soon = { { 0, 20000 }, { 0, 20000 } };
	struct sigaction a = { .sa_handler = ignore };

	FAILS(EAGAIN, futex(&word, FUTEX_WAIT, 0, &ms, NULL, 0));
	FAILS(ETIMEDOUT, futex(&word, FUTEX_WAIT, 1, &ms, NULL, 0));
	FAILS(EINVAL, futex(&word, FUTEX_WAIT_BITSET, 1, &ms, NULL, 0));
	IS(0, futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0));
	IS(0, futex(&word, FUTEX_CMP_REQUEUE, 1, NULL, &other, 1));
	IS(0, futex(&word, FUTEX_WAKE_OP, 1, NULL, &other,
		    FUTEX_OP(FUTEX_OP_SET, 7, FUTEX_OP_CMP_EQ, 0)));
	IS(7, other);
	IS(0, futex(&lock_pi, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	IS(1, (lock_pi & FUTEX_TID_MASK) == (uint32_t)syscall(SYS_gettid));
	IS(0, futex(&lock_pi, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	FAILS(ENOSYS, futex(&word, 100, 0, NULL, NULL, 0));
	errno = 77;
	IS(1, getpid() == syscall(SYS_getpid));
	IS(77, errno);
	wake_other();

	sigaction(SIGALRM, &a, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	FAILS(EINTR, futex(&word, FUTEX_WAIT, 1, NULL, NULL, 0));
	return 0;
}
