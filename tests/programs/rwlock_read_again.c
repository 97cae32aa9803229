/* SPDX-License-Identifier: MIT */
/*
 * A reader of a lock that prefers writers takes it again as a reader.
 *
 * expect: rw-recursive-read
 */
#include "program.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

int main(void)
{
	IS(0, pthread_rwlock_rdlock(&l));
	IS(0, pthread_rwlock_rdlock(&l));
	IS(0, pthread_rwlock_unlock(&l));
	IS(0, pthread_rwlock_unlock(&l));
	return 0;
}
