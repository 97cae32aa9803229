/* SPDX-License-Identifier: MIT */
/*
 * A tree is guarded by one mutex; one insertion holds another one as well.
 *
 * expect: nothing
 */
#include "guard_two.h"

static void insert_last(int number)
{
	pthread_mutex_lock(&other);
	insert_as_usual(number);
	pthread_mutex_unlock(&other);
}
