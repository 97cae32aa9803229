/* SPDX-License-Identifier: MIT */
/*
 * A program with busy threads forks; parent and child go on, both with
 * locks, threads and maps.
 *
 * traces: 2
 * expect: nothing
 * allow: perf-hot
 * allow: perf-hot
 */
#include <search.h>
#include <sys/wait.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t tree = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t table_lock = PTHREAD_RWLOCK_INITIALIZER;
static struct hsearch_data table;
static void *root;
static int keys[1000];
static int stop;
static int running;

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Uses what the forking thread never takes. */
static void *busy(void *unused)
{
	static char key[] = "key";
	ENTRY *found;
	int first = 1;

	do {
		pthread_rwlock_rdlock(&table_lock);
		hsearch_r((ENTRY){ key, NULL }, FIND, &found, &table);
		pthread_rwlock_unlock(&table_lock);
		if (first)
			meet(&running, 3);
		first = 0;
	} while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE));
	return unused;
}

static void *grow(void *from)
{
	for (int *key = (int *)from; key < (int *)from + 250; key++) {
		pthread_mutex_lock(&tree);
		must(tsearch(key, &root, compare) != NULL, "insert");
		pthread_mutex_unlock(&tree);
	}
	return NULL;
}

static void work(int from)
{
	pthread_t t = thread_start(grow, &keys[from]);

	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
	}
	grow(&keys[from + 250]);
	thread_end(t);
	must(tfind(&keys[from + 249], &root, compare) != NULL, "find");
}

int main(void)
{
	pthread_t t[2];
	pid_t pid;
	int status;

	for (int i = 0; i < 1000; i++)
		keys[i] = i;
	must(hcreate_r(16, &table), "make a table");
	t[0] = thread_start(busy, NULL);
	t[1] = thread_start(busy, NULL);
	meet(&running, 3);
	work(0);

	pthread_mutex_lock(&m);
	fflush(stdout);
	pid = fork();
	pthread_mutex_unlock(&m);
	work(500);
	if (!pid)
		return 5;
	waitpid(pid, &status, 0);
	IS(5, WEXITSTATUS(status));
	stop = 1;
	thread_end(t[0]);
	thread_end(t[1]);
	return 0;
}
