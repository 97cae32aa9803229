/* SPDX-License-Identifier: MIT */
/*
 * A condition wait with a recursive mutex that was taken twice and given back
 * once: it is free while the thread waits.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int waiting, set;

static void *setter(void *unused)
{
	meet(&waiting, 2);
	pthread_mutex_lock(&m);
	set = 1;
	pthread_cond_signal(&c);
	pthread_mutex_unlock(&m);
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(setter, NULL);

	IS(0, pthread_mutex_lock(&m));
	IS(0, pthread_mutex_lock(&m));
	IS(0, pthread_mutex_unlock(&m));
	meet(&waiting, 2);
	while (!set)
		pthread_cond_wait(&c, &m);
	IS(0, pthread_mutex_unlock(&m));
	thread_end(t);
	return 0;
}
