/* SPDX-License-Identifier: MIT */
/*
 * Two threads use a tree under locks by key: odd numbers one, even ones
 * another.  The tree has one root for both.
 *
 * expect: map-striped-unsafe
 */
#include "unordered.h"

static pthread_mutex_t locks[2] = { PTHREAD_MUTEX_INITIALIZER,
				    PTHREAD_MUTEX_INITIALIZER };
static int numbers[] = { 0, 1, 2, 3 };

static void insert_locked(int number)
{
	pthread_mutex_lock(&locks[number % 2]);
	must(tsearch(&numbers[number], &tree, compare_numbers) != NULL,
	     "insert");
	pthread_mutex_unlock(&locks[number % 2]);
}

static void insert_all(int first)
{
	for (int i = first; i < 20; i += 2) {
		turn_begin(i);
		for (int n = 0; n < 4; n++)
			insert_locked((n + i / 2) % 4);
		turn_end();
	}
}

static void *inserter(void *unused)
{
	insert_all(1);
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(inserter, NULL);

	insert_all(0);
	thread_end(t);
	printf("%d\n", is_there(0) + is_there(3));
	return 0;
}
