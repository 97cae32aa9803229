/* SPDX-License-Identifier: MIT */
/*
 * A table is destroyed when its user has said, by an atomic variable, that it
 * is done: nothing that is recorded orders the two.
 *
 * expect: map-destroy-in-use
 */
#include <search.h>

#include "order.h"

static struct hsearch_data table;

static void *user(void *unused)
{
	static char name[] = "lunch";
	ENTRY *found;

	IS(0, hsearch_r((ENTRY){ .key = name }, FIND, &found, &table));
	turn_end();
	return unused;
}

int main(void)
{
	pthread_t t;

	must(hcreate_r(10, &table), "make a table");
	t = thread_start(user, NULL);
	turn_begin(1);
	hdestroy_r(&table);
	thread_end(t);
	return 0;
}
