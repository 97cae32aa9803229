/* SPDX-License-Identifier: MIT */
/*
 * Opposite orders that happen one after the other, and one that is backed
 * out of with a try: nobody ever waits for ever.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;

static void *b_then_a(void *unused)
{
	IS(0, pthread_mutex_lock(&b));
	IS(EBUSY, pthread_mutex_trylock(&a));
	IS(0, pthread_mutex_unlock(&b));
	return unused;
}

int main(void)
{
	IS(0, pthread_mutex_lock(&a));
	thread_end(thread_start(b_then_a, NULL));
	IS(0, pthread_mutex_lock(&b));
	IS(0, pthread_mutex_unlock(&b));
	IS(0, pthread_mutex_unlock(&a));
	return 0;
}
