/* SPDX-License-Identifier: MIT */
/*
 * Whoever sets a timer comes before the handler of its signal, which runs on
 * another thread, before who waits for it, and before who reads it from the
 * timer's descriptor.  A timer that is stopped, or asked for in vain, is none.
 *
 * expect: nothing
 * events: HAPPENS_BEFORE HAPPENS_AFTER
 * event: 1 HAPPENS_BEFORE signal 14 setitimer
 * event: 1 HAPPENS_BEFORE signal 26 setitimer
 * event: 1 HAPPENS_BEFORE signal 27 setitimer
 * event: 1 HAPPENS_BEFORE signal 14 ualarm
 * event: 1 HAPPENS_BEFORE signal 14 alarm
 * event: 1 HAPPENS_BEFORE signal 10 timer_settime
 * event: 1 HAPPENS_AFTER signal 10 sigwaitinfo
 * event: 1 HAPPENS_BEFORE channel#1 timerfd_settime
 * event: 2 HAPPENS_AFTER signal 14 sigaction
 * event: 2 HAPPENS_AFTER signal 26 sigaction
 * event: 2 HAPPENS_AFTER signal 27 sigaction
 * event: 2 HAPPENS_AFTER signal 14 sigaction
 * event: 2 HAPPENS_AFTER signal 14 sigaction
 * event: 2 HAPPENS_AFTER channel#1 read
 */
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>

#include "program.h"

static int begun, came, over, timer_fd;

static void note(int signo)
{
	__atomic_store_n(&came, signo, __ATOMIC_RELEASE);
}

static void wait_for(int signo)
{
	while (__atomic_load_n(&came, __ATOMIC_ACQUIRE) != signo)
		;
	came = 0;
}

/* Uses time, for the timers that count it. */
static void *handle(void *unused)
{
	uint64_t n;

	meet(&begun, 2);
	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE))
		;
	must(read(timer_fd, &n, sizeof(n)) == sizeof(n), "read a timer");
	IS(1, n);
	return unused;
}

/* setitimer() is declared with an argument that may not be NULL. */
static int set(int which, const void *now)
{
	return setitimer(which, (const struct itimerval *)now, NULL);
}

int main(void)
{
	const struct itimerval soon = { .it_value.tv_usec = 1000 }, off = { 0 };
	const struct itimerspec too = { .it_value.tv_nsec = 1000000 };
	const struct sigaction sa = { .sa_handler = note };
	struct sigevent to_me = { .sigev_notify = SIGEV_THREAD_ID,
				  .sigev_signo = SIGUSR1 };
	sigset_t all;
	timer_t timer;
	pthread_t t;

	sigaction(SIGALRM, &sa, NULL);
	sigaction(SIGVTALRM, &sa, NULL);
	sigaction(SIGPROF, &sa, NULL);
	timer_fd = timerfd_create(CLOCK_MONOTONIC, 0);
	t = thread_start(handle, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	meet(&begun, 2);

	IS(0, set(ITIMER_REAL, &soon));
	wait_for(SIGALRM);
	IS(0, set(ITIMER_VIRTUAL, &soon));
	wait_for(SIGVTALRM);
	IS(0, set(ITIMER_PROF, &soon));
	wait_for(SIGPROF);
	IS(0, ualarm(1000, 0));
	wait_for(SIGALRM);
	IS(0, alarm(1));
	wait_for(SIGALRM);

	IS(0, set(ITIMER_REAL, &off));
	IS(0, alarm(0));
	IS(0, ualarm(0, 0));
	FAILS(EINVAL, setitimer(7, &soon, NULL));
	FAILS(EFAULT, set(ITIMER_REAL, (const void *)8));

	to_me._sigev_un._tid = (pid_t)syscall(SYS_gettid);
	IS(0, timer_create(CLOCK_MONOTONIC, &to_me, &timer));
	IS(0, timer_settime(timer, 0, &too, NULL));
	IS(SIGUSR1, sigwaitinfo(&all, NULL));

	IS(0, timerfd_settime(timer_fd, 0, &too, NULL));
	__atomic_store_n(&over, 1, __ATOMIC_RELEASE);
	thread_end(t);
	return 0;
}
