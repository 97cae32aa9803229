/* SPDX-License-Identifier: MIT */
/*
 * Two mutexes in two orders and a tree, one thread after the other.
 */
#include <search.h>

#include "../programs/program.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static int key;
static void *root;

static int compare(const void *one, const void *other)
{
	return (one > other) - (one < other);
}

static void *first(void *unused)
{
	pthread_mutex_lock(&a);
	pthread_mutex_lock(&b);
	must(tsearch(&key, &root, compare) != NULL, "insert");
	pthread_mutex_unlock(&b);
	pthread_mutex_unlock(&a);
	return unused;
}

int main(void)
{
	thread_end(thread_start(first, NULL));
	must(pthread_mutex_trylock(&b) == 0, "take b");
	pthread_mutex_lock(&a);
	must(tfind(&key, &root, compare) != NULL, "find");
	pthread_mutex_unlock(&a);
	pthread_mutex_unlock(&b);
	return 0;
}
