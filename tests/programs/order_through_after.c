/* SPDX-License-Identifier: MIT */
/*
 * Who goes through the gate does so after the other was inside: that order
 * would have to change for a deadlock, and whether it can is not known.
 *
 * expect: dl-potential
 */
#include "order_through.h"

static void *inside(void *unused)
{
	turn_begin(0);
	be_inside();
	turn_end();
	return unused;
}

static void *through(void *unused)
{
	turn_begin(1);
	go_through();
	turn_end();
	return unused;
}

int main(void)
{
	static void *(*const bodies[])(void *) = { inside, through };

	run_threads(bodies, 2);
	return 0;
}
