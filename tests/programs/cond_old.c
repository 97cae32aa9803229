/* SPDX-License-Identifier: MIT */
/*
 * A program linked against the condition variables that glibc had before
 * 2.3.2.  They have another layout; whoever mixes them up writes past the
 * old object's end.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include <string.h>

#include "program.h"

#ifdef __x86_64__
__asm__(".symver pthread_cond_init,pthread_cond_init@GLIBC_2.2.5");
__asm__(".symver pthread_cond_wait,pthread_cond_wait@GLIBC_2.2.5");
__asm__(".symver pthread_cond_timedwait,pthread_cond_timedwait@GLIBC_2.2.5");
__asm__(".symver pthread_cond_signal,pthread_cond_signal@GLIBC_2.2.5");
__asm__(".symver pthread_cond_broadcast,pthread_cond_broadcast@GLIBC_2.2.5");
__asm__(".symver pthread_cond_destroy,pthread_cond_destroy@GLIBC_2.2.5");
#endif

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c;
static int go;

static void *waiter(void *unused)
{
	pthread_mutex_lock(&m);
	while (!go)
		pthread_cond_wait(&c, &m);
	pthread_mutex_unlock(&m);
	return unused;
}

int main(void)
{
	struct timespec past = { 1, 0 };
	pthread_t t;

	IS(0, pthread_cond_init(&c, NULL));
	IS(0, pthread_mutex_lock(&m));
	IS(ETIMEDOUT, pthread_cond_timedwait(&c, &m, &past));
	IS(0, pthread_mutex_unlock(&m));
	t = thread_start(waiter, NULL);
	pthread_mutex_lock(&m);
	go = 1;
	IS(0, pthread_cond_signal(&c));
	IS(0, pthread_cond_broadcast(&c));
	pthread_mutex_unlock(&m);
	thread_end(t);
	IS(0, pthread_cond_destroy(&c));
	return 0;
}
