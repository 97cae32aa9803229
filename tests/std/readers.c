/* SPDX-License-Identifier: MIT */
/*
 * Two readers of a rwlock inside at once, a writer before and one after.  No
 * join: only the lock orders the writer after them.  With an argument the
 * second reader writes to the tree.
 */
#include <search.h>

#include "../programs/program.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static int inside, done, given_back;
static int keys[] = { 1, 2, 3 };
static void *root;
static void *(*second_does)(const void *key);

static int compare(const void *one, const void *other)
{
	return *(const int *)one - *(const int *)other;
}

static void *find(const void *key)
{
	return tfind(key, &root, compare);
}

static void *insert(const void *key)
{
	return tsearch(key, &root, compare);
}

static void *reader(void *is_second)
{
	pthread_rwlock_rdlock(&lock);
	if (!is_second)
		must(find(&keys[0]) != NULL, "find");
	meet(&inside, 2);
	if (is_second)
		must(second_does(&keys[0]) != NULL, "find or insert");
	meet(&done, 2);
	pthread_rwlock_unlock(&lock);
	meet(&given_back, 3);
	return NULL;
}

static void write_locked(int *key)
{
	pthread_rwlock_wrlock(&lock);
	must(insert(key) != NULL, "insert");
	pthread_rwlock_unlock(&lock);
}

int main(int argc, char **argv)
{
	pthread_t t[2];

	(void)argv;
	second_does = argc > 1 ? insert : find;
	write_locked(&keys[0]);
	t[0] = thread_start(reader, NULL);
	t[1] = thread_start(reader, &lock);
	meet(&given_back, 3);
	write_locked(&keys[1]);
	thread_end(t[0]);
	thread_end(t[1]);
	return 0;
}
