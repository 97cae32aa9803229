/* SPDX-License-Identifier: MIT */
/*
 * hsearch: two threads enter keys at once.
 *
 * expect: map-race-overlap
 * says: hsearch table made at main (overlap_hsearch.c
 */
#include "hold_key.h"

static char other_key[] = "qa";
static char third_key[] = "ab";

static void *enterer(void *unused)
{
	must(hsearch((ENTRY){ third_key, NULL }, ENTER) != NULL, "enter");
	return unused;
}

int main(void)
{
	pthread_t t;

	must(hcreate(16), "make a table");
	hsearch((ENTRY){ held_key_new(), NULL }, ENTER);

	held_key_close(2);
	t = thread_start(enterer, NULL);
	must(hsearch((ENTRY){ other_key, NULL }, ENTER) != NULL, "enter");
	thread_end(t);

	printf("%s\n", hsearch((ENTRY){ other_key, NULL }, FIND)->key);
	hdestroy();
	return 0;
}
