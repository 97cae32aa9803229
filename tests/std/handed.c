/* SPDX-License-Identifier: MIT */
/*
 * One thread adds to a tree and hands it over to another, which adds as well,
 * by what the argument says.  No join comes between, and no mutex that both
 * take.
 */
#include <search.h>
#include <semaphore.h>

#include "../programs/stuck.h"

static void *root;
static int keys[] = { 1, 2 };

static sem_t semaphore;
static pthread_barrier_t barrier;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int was_given;

static int compare(const void *one, const void *other)
{
	return *(const int *)one - *(const int *)other;
}

static void add(int *key)
{
	must(tsearch(key, &root, compare) != NULL, "insert");
}

/* Which is in its call when this returns: it comes first to whatever it is. */
static pid_t taker;

static void let_it_wait(void)
{
	char path[64];

	while (!__atomic_load_n(&taker, __ATOMIC_ACQUIRE))
		sched_yield();
	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", (int)taker);
	while (!task_in_futex(path))
		sched_yield();
}

static void give_semaphore(void)
{
	add(&keys[0]);
	let_it_wait();
	sem_post(&semaphore);
}

static void take_semaphore(void)
{
	sem_wait(&semaphore);
}

static void give_barrier(void)
{
	add(&keys[0]);
	let_it_wait();
	pthread_barrier_wait(&barrier);
}

static void take_barrier(void)
{
	pthread_barrier_wait(&barrier);
}

static void add_first(void)
{
	add(&keys[0]);
}

static void run_once(void)
{
	pthread_once(&once, add_first);
}

static void give_nothing(void)
{
	add(&keys[0]);
	__atomic_store_n(&was_given, 1, __ATOMIC_RELEASE);
}

static void take_nothing(void)
{
	while (!__atomic_load_n(&was_given, __ATOMIC_ACQUIRE))
		sched_yield();
}

static int n_there;

/* What is taken is the first post, and the tree is touched after that. */
static void give_posted(void)
{
	sem_post(&semaphore);
	meet(&n_there, 2);
	give_nothing();
	sem_post(&semaphore);
}

static void take_posted(void)
{
	sem_wait(&semaphore);
	meet(&n_there, 2);
	take_nothing();
}

/* Without the mutex. */
static void give_signal(void)
{
	let_it_wait();
	give_nothing();
	pthread_cond_signal(&condition);
}

static void take_signal(void)
{
	pthread_mutex_lock(&mutex);
	while (!__atomic_load_n(&was_given, __ATOMIC_ACQUIRE))
		pthread_cond_wait(&condition, &mutex);
	pthread_mutex_unlock(&mutex);
}

static const struct way {
	const char *name;
	void (*give)(void), (*take)(void);
} ways[] = {
	{ "semaphore", give_semaphore, take_semaphore },
	{ "barrier", give_barrier, take_barrier },
	{ "once", run_once, run_once },
	{ "signal", give_signal, take_signal },
	{ "nothing", give_nothing, take_nothing },
	{ "posted", give_posted, take_posted },
};

static void *giver(void *way)
{
	((const struct way *)way)->give();
	return NULL;
}

static void *receiver(void *way)
{
	__atomic_store_n(&taker, gettid(), __ATOMIC_RELEASE);
	((const struct way *)way)->take();
	add(&keys[1]);
	return NULL;
}

int main(int argc, char **argv)
{
	struct way way = { 0 };
	pthread_t t[2];

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (argc > 1 && strcmp(argv[1], ways[i].name) == 0)
			way = ways[i];
	must(way.give != NULL, "find the way");
	sem_init(&semaphore, 0, 0);
	pthread_barrier_init(&barrier, NULL, 2);
	t[0] = thread_start(giver, &way);
	t[1] = thread_start(receiver, &way);
	thread_end(t[0]);
	thread_end(t[1]);
	return 0;
}
