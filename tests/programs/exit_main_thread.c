/* SPDX-License-Identifier: MIT */
/*
 * The first thread leaves by pthread_exit; the others finish the program.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void say(void)
{
	printf("end\n");
}

static void *body(void *first)
{
	thread_end(*(pthread_t *)first);
	for (int i = 0; i < 100; i++) {
		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
	}
	printf("after the first thread\n");
	return NULL;
}

int main(void)
{
	static pthread_t first;

	atexit(say);
	first = pthread_self();
	thread_start(body, &first);
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	pthread_exit(NULL);
}
