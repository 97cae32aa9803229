/* SPDX-License-Identifier: MIT */
/*
 * A semaphore that has its largest value is posted.
 *
 * expect: sem-overflow
 * expect: sem-overflow
 */
#include <limits.h>
#include <semaphore.h>

#include "program.h"

int main(void)
{
	static sem_t s;

	IS(0, sem_init(&s, 0, SEM_VALUE_MAX));
	FAILS(EOVERFLOW, sem_post(&s));
	FAILS(EOVERFLOW, sem_post(&s));
	IS(0, sem_wait(&s));
	IS(0, sem_post(&s));
	IS(0, sem_destroy(&s));
	return 0;
}
