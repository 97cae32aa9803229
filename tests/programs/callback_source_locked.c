/* SPDX-License-Identifier: MIT */
/*
 * The source's function takes the mutex.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: nothing
 */
#include "callback_source.h"

static void write_it(void)
{
	insert_locked(20);
}
