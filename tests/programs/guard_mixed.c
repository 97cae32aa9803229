/* SPDX-License-Identifier: MIT */
/*
 * A tree is guarded by one mutex, but for one insertion under another one,
 * which came after all the others in this run.
 *
 * expect: guard-mixed
 * allow: map-race-sp
 */
#include "guard_two.h"

static void insert_last(int number)
{
	pthread_mutex_lock(&other);
	insert(number);
	pthread_mutex_unlock(&other);
}
