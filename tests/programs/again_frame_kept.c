/* SPDX-License-Identifier: MIT */
/*
 * Two locks in a frame that stays, used in both orders, while deeper frames
 * come and go, and a signal handler runs further up: on a stack of its own,
 * which is an array in main's frame.
 *
 * expect: dl-potential
 */
#include <signal.h>

#include "again_there.h"

static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;
static const volatile char *handler_frame;

static void handler(int unused)
{
	char here;

	(void)unused;
	handler_frame = &here;
	pthread_mutex_lock(&other);
	pthread_mutex_unlock(&other);
}

static __attribute__((noinline)) void deeper(void)
{
	pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&own);
	pthread_mutex_unlock(&own);
}

static __attribute__((noinline)) void frame(void)
{
	struct pair pair;

	pair_use(pair_begin(&pair));
	deeper();
	pthread_mutex_lock(&other);
	pthread_mutex_unlock(&other);
	raise(SIGUSR1);
	must(handler_frame > (const char *)&pair, "run it further up");
	pair_use(&pair);
}

int main(void)
{
	char array[64 << 10];
	const stack_t alternate = { .ss_sp = array, .ss_size = sizeof(array) };
	struct sigaction action = { .sa_handler = handler,
				    .sa_flags = SA_ONSTACK };

	IS(0, sigaltstack(&alternate, NULL));
	IS(0, sigaction(SIGUSR1, &action, NULL));
	pair_threads();
	frame();
	return 0;
}
