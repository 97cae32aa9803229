/* SPDX-License-Identifier: MIT */
/*
 * Two threads that add to a tree, each under a mutex of the kind named by the
 * argument; the calls on it are those in which events and the text's lines
 * differ.  No join comes between: only the mutex orders the two.
 */
#include <search.h>

#include "../programs/stuck.h"

static pthread_mutex_t mutex;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int keys[] = { 1, 2 };
static int n_added;
static void *root;

static int compare(const void *one, const void *other)
{
	return *(const int *)one - *(const int *)other;
}

static void add(int *key)
{
	must(tsearch(key, &root, compare) != NULL, "insert");
}

/* Inner locks and unlocks; the tree is used after the inner unlock. */
static void recursive(int *key)
{
	pthread_mutex_lock(&mutex);
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
	add(key);
	pthread_mutex_unlock(&mutex);
}

static void *unlock(void *unused)
{
	must(pthread_mutex_unlock(&mutex) == EPERM, "be refused");
	return unused;
}

/* Somebody else's unlock is refused, and the tree used after it. */
static void refused(int *key)
{
	pthread_mutex_lock(&mutex);
	thread_end(thread_start(unlock, NULL));
	must(pthread_mutex_lock(&mutex) == EDEADLK, "be refused");
	must(pthread_mutex_trylock(&mutex) == EBUSY, "be refused");
	add(key);
	pthread_mutex_unlock(&mutex);
}

/* The second thread waits for the first, which gives up the mutex. */
static void waited(int *key)
{
	pthread_mutex_lock(&mutex);
	while (key == &keys[1] && n_added == 0)
		pthread_cond_wait(&condition, &mutex);
	add(key);
	n_added++;
	pthread_cond_signal(&condition);
	pthread_mutex_unlock(&mutex);
}

/* The first thread keeps the mutex until the second waits for it. */
static void contended(int *key)
{
	static int ready;
	static pid_t second;
	char path[64];

	if (key == &keys[1])
		second = gettid();
	else
		pthread_mutex_lock(&mutex);
	meet(&ready, 2);
	if (key == &keys[1])
		pthread_mutex_lock(&mutex);
	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", (int)second);
	while (key == &keys[0] && !task_in_futex(path))
		sched_yield();
	add(key);
	pthread_mutex_unlock(&mutex);
}

static const struct {
	const char *name;
	int type;
	void (*run)(int *key);
} kinds[] = {
	{ "recursive", PTHREAD_MUTEX_RECURSIVE, recursive },
	{ "refused", PTHREAD_MUTEX_ERRORCHECK, refused },
	{ "contended", PTHREAD_MUTEX_NORMAL, contended },
	{ "waited", PTHREAD_MUTEX_NORMAL, waited },
};

static void (*chosen)(int *key);

static void *adder(void *key)
{
	chosen((int *)key);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_mutexattr_t attr;
	pthread_t t[2];

	pthread_mutexattr_init(&attr);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (argc > 1 && strcmp(argv[1], kinds[i].name) == 0) {
			pthread_mutexattr_settype(&attr, kinds[i].type);
			chosen = kinds[i].run;
		}
	must(chosen != NULL, "find the kind");
	pthread_mutex_init(&mutex, &attr);
	for (int i = 0; i < 2; i++)
		t[i] = thread_start(adder, &keys[i]);
	for (int i = 0; i < 2; i++)
		thread_end(t[i]);
	return 0;
}
