/* SPDX-License-Identifier: MIT */
/*
 * Two threads use a table under locks by key: odd numbers one, even ones
 * another.  The table is one for both.
 *
 * expect: map-striped-unsafe
 */
#include <search.h>

#include "unordered.h"

static pthread_mutex_t locks[2] = { PTHREAD_MUTEX_INITIALIZER,
				    PTHREAD_MUTEX_INITIALIZER };
static struct hsearch_data table;
static char names[][2] = { "0", "1", "2", "3" };

static void insert_locked(int number)
{
	ENTRY item = { .key = names[number], .data = names[number] };
	ENTRY *found;

	pthread_mutex_lock(&locks[number % 2]);
	must(hsearch_r(item, ENTER, &found, &table), "insert");
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
	pthread_t t;

	must(hcreate_r(10, &table), "make the table");
	t = thread_start(inserter, NULL);
	insert_all(0);
	thread_end(t);
	hdestroy_r(&table);
	return 0;
}
