/* SPDX-License-Identifier: MIT */
/*
 * hsearch: two threads enter keys, one at a time under a mutex.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "hold_key.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static char other_key[] = "qa";
static char third_key[] = "ab";

static void *enterer(void *key)
{
	pthread_mutex_lock(&m);
	must(hsearch((ENTRY){ (char *)key, NULL }, ENTER) != NULL, "enter");
	pthread_mutex_unlock(&m);
	return NULL;
}

int main(void)
{
	pthread_t t;

	must(hcreate(16), "make a table");
	hsearch((ENTRY){ held_key_new(), NULL }, ENTER);

	held_key_close(1);
	t = thread_start(enterer, third_key);
	enterer(other_key);
	thread_end(t);

	printf("%s\n", hsearch((ENTRY){ other_key, NULL }, FIND)->key);
	hdestroy();
	return 0;
}
