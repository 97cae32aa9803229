/* SPDX-License-Identifier: MIT */
/*
 * As destroy_unordered.c, but the table is destroyed after the join.
 *
 * expect: nothing
 */
#include <search.h>

#include "program.h"

static struct hsearch_data table;

static void *user(void *unused)
{
	static char name[] = "lunch";
	ENTRY *found;

	IS(0, hsearch_r((ENTRY){ .key = name }, FIND, &found, &table));
	return unused;
}

int main(void)
{
	pthread_t t;

	must(hcreate_r(10, &table), "make a table");
	t = thread_start(user, NULL);
	thread_end(t);
	hdestroy_r(&table);
	return 0;
}
