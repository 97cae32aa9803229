/* SPDX-License-Identifier: MIT */
/*
 * An error-checking mutex tells its owner that locking it again would be a
 * deadlock, whichever call is used; trylock only says that it is busy.
 *
 * expect: dl-self
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;

int main(void)
{
	IS(0, pthread_mutex_lock(&m));
	IS(EBUSY, pthread_mutex_trylock(&m));
	IS(EDEADLK, pthread_mutex_lock(&m));
	IS(0, pthread_mutex_unlock(&m));
	IS(0, pthread_mutex_lock(&m));
	IS(0, pthread_mutex_unlock(&m));
	return 0;
}
