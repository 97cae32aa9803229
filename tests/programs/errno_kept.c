/* SPDX-License-Identifier: MIT */
/*
 * Calls that succeed leave errno alone, also when they had to wait.
 *
 * expect: nothing
 * allow: lock-held-blocking
 * allow: perf-hot
 */
#include <search.h>
#include <semaphore.h>

#include "program.h"

#define STRANGE 12345

/* A successful call, and errno after it. */
#define KEEPS(call)                       \
	do {                              \
		errno = STRANGE;          \
		must((call) == 0, #call); \
		IS(STRANGE, errno);       \
	} while (0)

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static sem_t s;
static int holding;
static void *root;

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void *holder(void *unused)
{
	pthread_mutex_lock(&m);
	pthread_rwlock_wrlock(&l);
	meet(&holding, 2);
	usleep(3000);
	pthread_rwlock_unlock(&l);
	usleep(3000);
	pthread_mutex_unlock(&m);
	usleep(3000);
	sem_post(&s);
	return unused;
}

static void *waker(void *unused)
{
	pthread_mutex_lock(&m);
	pthread_cond_signal(&c);
	pthread_mutex_unlock(&m);
	return unused;
}

static void maps(void)
{
	static int key = 3;
	void *found;

	errno = STRANGE;
	found = tsearch(&key, &root, compare);
	IS(STRANGE, errno);
	must(found != NULL, "insert");
	found = tfind(&key, &root, compare);
	IS(STRANGE, errno);
	must(found != NULL, "find");
	found = tdelete(&key, &root, compare);
	IS(STRANGE, errno);
	must(found != NULL, "delete");
}

int main(void)
{
	static char key[] = "none";
	struct hsearch_data table = { 0 };
	struct timespec later = time_in_ms(CLOCK_REALTIME, 10000);
	ENTRY *found;
	pthread_t t;

	KEEPS(sem_init(&s, 0, 0));
	KEEPS(pthread_create(&t, NULL, holder, NULL));
	meet(&holding, 2);
	KEEPS(pthread_rwlock_rdlock(&l));
	KEEPS(pthread_rwlock_unlock(&l));
	KEEPS(pthread_mutex_lock(&m));
	KEEPS(pthread_mutex_unlock(&m));
	KEEPS(sem_wait(&s));
	KEEPS(pthread_join(t, NULL));

	KEEPS(sem_post(&s));
	KEEPS(sem_timedwait(&s, &later));
	KEEPS(sem_post(&s));
	KEEPS(sem_trywait(&s));
	KEEPS(pthread_mutex_timedlock(&m, &later));
	KEEPS(pthread_create(&t, NULL, waker, NULL));
	KEEPS(pthread_cond_timedwait(&c, &m, &later));
	KEEPS(pthread_cond_broadcast(&c));
	KEEPS(pthread_mutex_unlock(&m));
	KEEPS(pthread_join(t, NULL));
	maps();

	/* a search that fails says so, and nothing else */
	must(hcreate_r(4, &table), "make a table");
	errno = STRANGE;
	IS(0, hsearch_r((ENTRY){ key, NULL }, FIND, &found, &table));
	IS(ESRCH, errno);
	return 0;
}
