/* SPDX-License-Identifier: MIT */
/*
 * hsearch_r: the same calls, one at a time under a mutex.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "hold_key.h"

static struct hsearch_data table;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static char other_key[] = "qa";
static char same_key[] = "ab";

static void *finder(void *unused)
{
	ENTRY *found;

	pthread_mutex_lock(&m);
	IS(1, hsearch_r((ENTRY){ same_key, NULL }, FIND, &found, &table));
	pthread_mutex_unlock(&m);
	return unused;
}

int main(void)
{
	pthread_t t;
	ENTRY *found;

	must(hcreate_r(16, &table), "make a table");
	hsearch_r((ENTRY){ held_key_new(), NULL }, ENTER, &found, &table);

	held_key_close(1);
	t = thread_start(finder, NULL);
	pthread_mutex_lock(&m);
	must(hsearch_r((ENTRY){ other_key, NULL }, ENTER, &found, &table) != 0,
	     "enter a key");
	pthread_mutex_unlock(&m);
	thread_end(t);

	hdestroy_r(&table);
	return 0;
}
