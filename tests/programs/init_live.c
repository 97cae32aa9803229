/* SPDX-License-Identifier: MIT */
/*
 * A mutex is initialised while another thread holds it.  The holder's release
 * is of the mutex that was, and the number that the init call took is missing
 * there.
 *
 * loss: may
 * expect: lock-init-live
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int held;
static int done;

static void *holder(void *unused)
{
	pthread_mutex_lock(&m);
	meet(&held, 2);
	meet(&done, 2);
	pthread_mutex_unlock(&m);
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(holder, NULL);

	meet(&held, 2);
	IS(0, pthread_mutex_init(&m, NULL));
	meet(&done, 2);
	thread_end(t);
	return 0;
}
