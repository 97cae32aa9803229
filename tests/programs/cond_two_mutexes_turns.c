/* SPDX-License-Identifier: MIT */
/*
 * Two threads wait for one condition with two mutexes, one after the other.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "two_mutexes.h"

int main(void)
{
	for (int i = 0; i < 2; i++) {
		pthread_t t = two_mutexes_start(i);

		pthread_mutex_lock(&mutexes[i]);
		goes[i] = 1;
		pthread_cond_signal(&c);
		pthread_mutex_unlock(&mutexes[i]);
		thread_end(t);
	}
	return 0;
}
