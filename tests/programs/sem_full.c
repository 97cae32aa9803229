/* SPDX-License-Identifier: MIT */
/*
 * A semaphore is posted up to its largest value, and not past it.
 *
 * expect: nothing
 */
#include <limits.h>
#include <semaphore.h>

#include "program.h"

int main(void)
{
	static sem_t s;

	IS(0, sem_init(&s, 0, SEM_VALUE_MAX - 1));
	IS(0, sem_post(&s));
	IS(0, sem_wait(&s));
	IS(0, sem_post(&s));
	IS(0, sem_destroy(&s));
	return 0;
}
