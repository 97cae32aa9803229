/* SPDX-License-Identifier: MIT */
/*
 * The timer is set before the map is written to: that the handler, on another
 * thread, comes later is luck.
 *
 * expect: map-race-hb
 */
#include "in_handler.h"

int main(void)
{
	in_handler_begin();
	in_handler_soon();
	insert(1);
	in_handler_end();
	return 0;
}
