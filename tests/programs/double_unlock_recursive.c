/* SPDX-License-Identifier: MIT */
/*
 * A recursive mutex is unlocked as often as it was locked; a mutex is
 * unlocked twice but taken in between.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_mutex_t r = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
	for (int i = 0; i < 3; i++)
		IS(0, pthread_mutex_lock(&r));
	IS(0, pthread_mutex_trylock(&r));
	for (int i = 0; i < 4; i++)
		IS(0, pthread_mutex_unlock(&r));

	IS(0, pthread_mutex_lock(&m));
	IS(0, pthread_mutex_unlock(&m));
	IS(0, pthread_mutex_trylock(&m));
	IS(0, pthread_mutex_unlock(&m));
	return 0;
}
