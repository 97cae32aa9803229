/* SPDX-License-Identifier: MIT */
/*
 * An error-checking mutex refuses to be unlocked by a stranger and when it
 * is not locked.  Nothing has happened then: its owner still owns it, and
 * the refusals make no other finding.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;

static void *stranger(void *unused)
{
	IS(EPERM, pthread_mutex_unlock(&m));
	return unused;
}

static void *visitor(void *unused)
{
	IS(0, pthread_mutex_lock(&m));
	IS(0, pthread_mutex_unlock(&m));
	return unused;
}

int main(void)
{
	IS(0, pthread_mutex_lock(&m));
	thread_end(thread_start(stranger, NULL));
	IS(EBUSY, pthread_mutex_trylock(&m));
	IS(0, pthread_mutex_unlock(&m));
	IS(EPERM, pthread_mutex_unlock(&m));
	thread_end(thread_start(visitor, NULL));
	return 0;
}
