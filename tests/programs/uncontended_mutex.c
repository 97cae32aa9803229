/* SPDX-License-Identifier: MIT */
/*
 * The same mutex held for 20 ms; the other thread takes it afterwards.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int released;

static void *latecomer(void *unused)
{
	meet(&released, 2);
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(latecomer, NULL);

	pthread_mutex_lock(&m);
	usleep(20000);
	pthread_mutex_unlock(&m);
	meet(&released, 2);

	thread_end(t);
	return 0;
}
