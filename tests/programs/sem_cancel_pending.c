/* SPDX-License-Identifier: MIT */
/*
 * A semaphore that is free is still not taken by a thread that has been
 * cancelled: sem_wait() is a cancellation point first.  Not all the calls
 * are, and which depends on glibc.
 *
 * expect: nothing
 */
#include <semaphore.h>

#include "program.h"

static sem_t s;

static void *cancelled(void *how)
{
	struct timespec later = time_in_ms(CLOCK_REALTIME, 10000);

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	pthread_cancel(pthread_self());
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	switch (*(const char *)how) {
	case 'w':
		sem_wait(&s);
		break;
	case 't':
		sem_timedwait(&s, &later);
		break;
	case 'c':
		sem_clockwait(&s, CLOCK_REALTIME, &later);
		break;
	case 'y':
		sem_trywait(&s); /* no cancellation point */
		sem_post(&s);
		break;
	}
	return NULL;
}

int main(void)
{
	static char how[] = "wtcy";
	int value;

	sem_init(&s, 0, 1);
	for (char *h = how; *h; h++) {
		void *end = thread_end(thread_start(cancelled, h));

		printf("%c: ", *h);
		SHOW(end == PTHREAD_CANCELED);
		sem_getvalue(&s, &value);
		if (end == PTHREAD_CANCELED)
			IS(1, value);
		SHOW(value);
		if (!value)
			sem_post(&s);
	}
	return 0;
}
