/* SPDX-License-Identifier: MIT */
/*
 * The default kind lets a reader in again; and one that prefers writers may
 * be tried again, or taken again after it was released.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t w = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

int main(void)
{
	IS(0, pthread_rwlock_rdlock(&l));
	IS(0, pthread_rwlock_rdlock(&l));
	IS(0, pthread_rwlock_unlock(&l));
	IS(0, pthread_rwlock_unlock(&l));

	IS(0, pthread_rwlock_rdlock(&w));
	IS(0, pthread_rwlock_tryrdlock(&w));
	IS(0, pthread_rwlock_unlock(&w));
	IS(0, pthread_rwlock_unlock(&w));
	IS(0, pthread_rwlock_rdlock(&w));
	IS(0, pthread_rwlock_unlock(&w));
	return 0;
}
