/* SPDX-License-Identifier: MIT */
/*
 * Who goes through the gate does so before the other is inside: it may then be
 * stopped while the other comes to its second lock.
 *
 * expect: dl-predicted
 */
#include "order_through.h"

static void *inside(void *unused)
{
	turn_begin(1);
	be_inside();
	turn_end();
	return unused;
}

static void *through(void *unused)
{
	turn_begin(0);
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
