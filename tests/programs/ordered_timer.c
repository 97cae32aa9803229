/* SPDX-License-Identifier: MIT */
/*
 * A thread writes to a map and sets a timer, whose handler writes to it on
 * another thread.
 *
 * expect: nothing
 */
#include "in_handler.h"

int main(void)
{
	in_handler_begin();
	insert(1);
	in_handler_soon();
	in_handler_end();
	return 0;
}
