/* SPDX-License-Identifier: MIT */
/*
 * Two threads insert into a tree, one after the other by luck: nothing that
 * can be seen orders them.
 *
 * expect: map-race-hb
 * says: warning: Nothing recorded orders two calls on a map
 */
#include "unordered.h"

static void *inserter(void *unused)
{
	turn_begin(1);
	insert(2);
	turn_end();
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(inserter, NULL);

	insert(1);
	turn_end();
	turn_begin(2);
	thread_end(t);
	printf("%d\n", is_there(1) + is_there(2));
	return 0;
}
