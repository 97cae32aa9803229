/* SPDX-License-Identifier: MIT */
/*
 * Two threads look up keys in one table at the same time: readers may.
 *
 * expect: nothing
 */
#include "hold_key.h"

static struct hsearch_data table;
static char same_key[] = "ab";

static void *finder(void *unused)
{
	ENTRY *found;

	must(hsearch_r((ENTRY){ same_key, NULL }, FIND, &found, &table),
	     "find the key");
	return unused;
}

int main(void)
{
	pthread_t t;
	ENTRY *found;

	must(hcreate_r(16, &table), "make a table");
	hsearch_r((ENTRY){ held_key_new(), NULL }, ENTER, &found, &table);

	held_key_close(2);
	t = thread_start(finder, NULL);
	finder(NULL);
	thread_end(t);

	hdestroy_r(&table);
	return 0;
}
