/* SPDX-License-Identifier: MIT */
/*
 * hsearch_r: one thread enters a key while another looks one up.
 *
 * expect: map-race-overlap
 */
#include "hold_key.h"

static struct hsearch_data table;

static char other_key[] = "qa";
static char same_key[] = "ab";

static void *finder(void *unused)
{
	ENTRY *found;

	IS(1, hsearch_r((ENTRY){ same_key, NULL }, FIND, &found, &table));
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
	must(hsearch_r((ENTRY){ other_key, NULL }, ENTER, &found, &table) != 0,
	     "enter a key");
	thread_end(t);

	hdestroy_r(&table);
	return 0;
}
