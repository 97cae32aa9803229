/* SPDX-License-Identifier: MIT */
/*
 * What the calls on threads return: join in all its forms, create with a
 * stack that is too small, detach twice over.
 *
 * expect: nothing
 */
#include <stdint.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int may_end;

static void *waits(void *value)
{
	while (!__atomic_load_n(&may_end, __ATOMIC_ACQUIRE))
		sched_yield();
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	return value;
}

static void *joins_itself(void *unused)
{
	IS(EDEADLK, pthread_join(pthread_self(), NULL));
	return unused;
}

int main(void)
{
	struct timespec soon = time_in_ms(CLOCK_REALTIME, 2);
	struct timespec soon_mono = time_in_ms(CLOCK_MONOTONIC, 2);
	struct timespec later = time_in_ms(CLOCK_REALTIME, 10000);
	pthread_attr_t attr;
	pthread_t t;
	void *value;

	t = thread_start(waits, (void *)(intptr_t)42);
	IS(EBUSY, pthread_tryjoin_np(t, &value));
	IS(ETIMEDOUT, pthread_timedjoin_np(t, &value, &soon));
	IS(ETIMEDOUT,
	   pthread_clockjoin_np(t, &value, CLOCK_MONOTONIC, &soon_mono));
	may_end = 1;
	IS(0, pthread_timedjoin_np(t, &value, &later));
	IS(42, (intptr_t)value);

	t = thread_start(waits, (void *)(intptr_t)43);
	while (pthread_tryjoin_np(t, &value) == EBUSY)
		sched_yield();
	IS(43, (intptr_t)value);
	t = thread_start(waits, (void *)(intptr_t)44);
	IS(0, pthread_clockjoin_np(t, &value, CLOCK_REALTIME, &later));
	IS(44, (intptr_t)value);

	thread_end(thread_start(joins_itself, NULL));
	pthread_attr_init(&attr);
	IS(EINVAL, pthread_attr_setstacksize(&attr, 4096));
	IS(0, pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED));
	may_end = 0;
	IS(0, pthread_create(&t, &attr, waits, NULL));
	IS(EINVAL, pthread_join(t, NULL));
	IS(EINVAL, pthread_detach(t));
	may_end = 1;
	return 0;
}
