/* SPDX-License-Identifier: MIT */
/*
 * A condition wait with a recursive mutex taken twice gives back one level
 * only: it stays held by the waiter while it waits.
 *
 * expect: cv-wait-holding-other
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;

static void *tries(void *unused)
{
	IS(EBUSY, pthread_mutex_trylock(&m));
	return unused;
}

int main(void)
{
	struct timespec soon = time_in_ms(CLOCK_REALTIME, 5);

	IS(0, pthread_mutex_lock(&m));
	IS(0, pthread_mutex_lock(&m));
	IS(ETIMEDOUT, pthread_cond_timedwait(&c, &m, &soon));
	thread_end(thread_start(tries, NULL));
	IS(0, pthread_mutex_unlock(&m));
	IS(0, pthread_mutex_unlock(&m));
	return 0;
}
