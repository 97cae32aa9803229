/* SPDX-License-Identifier: MIT */
/*
 * A mutex is unlocked twice.
 *
 * expect: lock-double-unlock
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
	IS(0, pthread_mutex_lock(&m));
	IS(0, pthread_mutex_unlock(&m));
	IS(0, pthread_mutex_unlock(&m));
	return 0;
}
