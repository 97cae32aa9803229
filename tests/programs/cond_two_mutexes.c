/* SPDX-License-Identifier: MIT */
/*
 * Two threads wait for one condition at the same time, with two mutexes.
 *
 * expect: cv-two-mutexes
 * allow: perf-hot
 */
#include "two_mutexes.h"

int main(void)
{
	pthread_t t[2];

	for (int i = 0; i < 2; i++)
		t[i] = two_mutexes_start(i);
	for (int i = 0; i < 2; i++) {
		pthread_mutex_lock(&mutexes[i]);
		goes[i] = 1;
		pthread_mutex_unlock(&mutexes[i]);
	}
	pthread_cond_broadcast(&c);
	for (int i = 0; i < 2; i++)
		thread_end(t[i]);
	return 0;
}
