/* SPDX-License-Identifier: MIT */
/*
 * The alternate signal stack is an array in main's frame, so further up on the
 * same stack than the calls that a handler interrupts.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include <signal.h>
#include <sys/time.h>

#include "program.h"

#define TICKS 1000

static pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t inner = PTHREAD_MUTEX_INITIALIZER;
static volatile sig_atomic_t n_ticks;

static void tick(int signo)
{
	(void)signo;
	for (int i = 0; i < 3; i++) {
		pthread_mutex_lock(&inner);
		pthread_mutex_unlock(&inner);
	}
	n_ticks++;
}

static __attribute__((noinline)) void work(void)
{
	while (n_ticks < TICKS)
		for (int i = 0; i < 1000; i++) {
			pthread_mutex_lock(&outer);
			pthread_mutex_unlock(&outer);
		}
}

int main(void)
{
	char room[65536];
	stack_t stack = { .ss_sp = room, .ss_size = sizeof(room) };
	struct itimerval it = { { 0, 100 }, { 0, 100 } };
	struct itimerval off = { { 0, 0 }, { 0, 0 } };
	struct sigaction sa = { .sa_flags = SA_ONSTACK };

	must(sigaltstack(&stack, NULL) == 0, "set the stack");
	sa.sa_handler = tick;
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
	work();
	setitimer(ITIMER_REAL, &off, NULL);
	puts("done");
	return 0;
}
