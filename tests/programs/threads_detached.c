/* SPDX-License-Identifier: MIT */
/*
 * Detached threads, detached at birth, by others and by themselves; the last
 * ones still run when the program ends.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int n;

static void *body(void *detaches)
{
	if (detaches)
		pthread_detach(pthread_self());
	pthread_mutex_lock(&m);
	n++;
	pthread_cond_signal(&c);
	pthread_mutex_unlock(&m);
	return NULL;
}

int main(void)
{
	pthread_attr_t attr;
	pthread_t t;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < 20; i++) {
		must(pthread_create(&t, &attr, body, NULL) == 0, "create");
		thread_start(body, &n);
		pthread_detach(thread_start(body, NULL));
	}
	pthread_mutex_lock(&m);
	while (n < 60)
		pthread_cond_wait(&c, &m);
	pthread_mutex_unlock(&m);
	IS(60, n);
	return 0;
}
