/* SPDX-License-Identifier: MIT */
/*
 * A thread takes two mutexes in one order on its own stack, in the other one
 * in a coroutine, and once more in a handler on an alternate stack: it is the
 * same thread, and all of it is recorded.
 *
 * expect: dl-same-thread-order
 * events: ACQUIRE
 * event: 1 ACQUIRE mutex#1 pthread_mutex_lock
 * event: 1 ACQUIRE mutex#2 pthread_mutex_lock
 * event: 1 ACQUIRE mutex#2 pthread_mutex_lock
 * event: 1 ACQUIRE mutex#1 pthread_mutex_lock
 * event: 1 ACQUIRE mutex#1 pthread_mutex_lock
 */
#include <signal.h>
#include <ucontext.h>

#include "program.h"

#define STACK_BYTES 65536

static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;
static char stacks[2][STACK_BYTES];

static void take_other_first(void)
{
	pthread_mutex_lock(&other);
	pthread_mutex_lock(&one);
	pthread_mutex_unlock(&one);
	pthread_mutex_unlock(&other);
}

static void handle(int signo)
{
	(void)signo;
	IS(0, pthread_mutex_lock(&one));
	IS(0, pthread_mutex_unlock(&one));
}

int main(void)
{
	const stack_t alternate = { .ss_sp = stacks[1],
				    .ss_size = STACK_BYTES };
	struct sigaction a = { .sa_handler = handle, .sa_flags = SA_ONSTACK };
	ucontext_t here, there;

	pthread_mutex_lock(&one);
	pthread_mutex_lock(&other);
	pthread_mutex_unlock(&other);
	pthread_mutex_unlock(&one);

	getcontext(&there);
	there.uc_stack.ss_sp = stacks[0];
	there.uc_stack.ss_size = STACK_BYTES;
	there.uc_link = &here;
	makecontext(&there, take_other_first, 0);
	swapcontext(&here, &there);

	sigaltstack(&alternate, NULL);
	sigaction(SIGUSR1, &a, NULL);
	raise(SIGUSR1);
	return 0;
}
