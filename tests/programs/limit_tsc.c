/* SPDX-License-Identifier: MIT */
/*
 * The program turns the time stamp counter off for itself: reading it is
 * SIGSEGV from then on.
 *
 * loss: may
 * expect: nothing
 */
#include <sys/prctl.h>

#include "program.h"

int main(void)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	/* Only x86 has it. */
	prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
	}
	puts("still here");
	return 0;
}
