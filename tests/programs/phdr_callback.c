/* SPDX-License-Identifier: MIT */
/*
 * One thread locks inside the callback of dl_iterate_phdr, so with the
 * loader's lock held; the other holds that mutex while it locks from places
 * it has never been at.  Whoever walks stacks with the loader's lock there
 * hangs.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include <link.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t inner = PTHREAD_MUTEX_INITIALIZER;
static int inside;
static int n_objects;

/* Fifty-six functions that differ, each a new place to lock from. */
/* clang-format off */
#define PLACE(n)                                           \
	__attribute__((noinline)) static int place_##n(int x) \
	{                                                  \
		pthread_mutex_lock(&inner);                \
		x = x * 3 + n;                             \
		pthread_mutex_unlock(&inner);              \
		return x;                                  \
	}
#define PLACES(d)                                                     \
	PLACE(d##0) PLACE(d##1) PLACE(d##2) PLACE(d##3)               \
	PLACE(d##4) PLACE(d##5) PLACE(d##6) PLACE(d##7)
PLACES(1) PLACES(2) PLACES(3) PLACES(4) PLACES(5) PLACES(6) PLACES(7)

#define CALL(n) place_##n,
#define CALLS(d)                                        \
	CALL(d##0) CALL(d##1) CALL(d##2) CALL(d##3)     \
	CALL(d##4) CALL(d##5) CALL(d##6) CALL(d##7)
static int (*const places[])(int) = { CALLS(1) CALLS(2) CALLS(3) CALLS(4)
				      CALLS(5) CALLS(6) CALLS(7) };
/* clang-format on */

static int callback(struct dl_phdr_info *info, size_t size, void *unused)
{
	(void)info;
	(void)size;
	(void)unused;
	if (!n_objects++)
		meet(&inside, 2);
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	return 0;
}

static void *iterator(void *unused)
{
	dl_iterate_phdr(callback, NULL);
	return unused;
}

int main(void)
{
	pthread_t t;
	int x = 1;

	pthread_mutex_lock(&m);
	t = thread_start(iterator, NULL);
	meet(&inside, 2);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		x = places[i](x);
	pthread_mutex_unlock(&m);
	thread_end(t);
	printf("%d\n", x);
	return 0;
}
