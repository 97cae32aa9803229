/* SPDX-License-Identifier: MIT */
/*
 * The source's function takes no lock.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: callback-write
 * says: in a callback by way of g_idle_add()
 */
#include "callback_source.h"

static void write_it(void)
{
	insert(20);
}
