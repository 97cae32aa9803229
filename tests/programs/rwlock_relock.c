/* SPDX-License-Identifier: MIT */
/*
 * The writer of a rwlock asks for it again and is told that this would be a
 * deadlock.
 *
 * expect: dl-self
 */
#include "program.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;

int main(void)
{
	IS(0, pthread_rwlock_wrlock(&l));
	IS(EDEADLK, pthread_rwlock_wrlock(&l));
	IS(0, pthread_rwlock_unlock(&l));
	IS(0, pthread_rwlock_rdlock(&l));
	IS(0, pthread_rwlock_unlock(&l));
	return 0;
}
