/* SPDX-License-Identifier: MIT */
/*
 * The timer's function takes no lock.
 *
 * expect: callback-write
 * says: in a callback by way of timer_create()
 */
#include "callback_timer.h"

static void write_it(void)
{
	insert(20);
}
