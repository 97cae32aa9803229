/* SPDX-License-Identifier: MIT */
/*
 * A million calls on one table by four threads, correctly locked: writes
 * under the write lock, reads under the read lock.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include <search.h>

#include "program.h"

#define CALLS  250000
#define N_KEYS 64

static struct hsearch_data table;
static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
static char keys[N_KEYS][8];

static void *worker(void *unused)
{
	ENTRY *found;

	for (int i = 0; i < CALLS; i++) {
		ENTRY e = { keys[i % N_KEYS], unused };

		if (i % 16 == 0) {
			pthread_rwlock_wrlock(&l);
			hsearch_r(e, ENTER, &found, &table);
			pthread_rwlock_unlock(&l);
		} else {
			pthread_rwlock_rdlock(&l);
			hsearch_r(e, FIND, &found, &table);
			pthread_rwlock_unlock(&l);
		}
	}
	return NULL;
}

int main(void)
{
	pthread_t t[4];

	for (int i = 0; i < N_KEYS; i++)
		snprintf(keys[i], sizeof(keys[i]), "key%d", i);
	must(hcreate_r(4 * N_KEYS, &table), "make a table");
	for (int i = 0; i < 4; i++)
		t[i] = thread_start(worker, NULL);
	for (int i = 0; i < 4; i++)
		thread_end(t[i]);
	hdestroy_r(&table);
	return 0;
}
