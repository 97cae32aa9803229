/* SPDX-License-Identifier: MIT */
/*
 * The timer's function takes the mutex.
 *
 * expect: nothing
 */
#include "callback_timer.h"

static void write_it(void)
{
	insert_locked(20);
}
