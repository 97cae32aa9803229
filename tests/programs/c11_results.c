/* SPDX-License-Identifier: MIT */
/*
 * C11 threads: every call and every result it can have without misuse.
 *
 * expect: nothing
 * allow: lock-held-blocking
 * allow: perf-hot
 */
#include <threads.h>

#include "program.h"

static mtx_t m;
static cnd_t c;
static tss_t key;
static once_flag flag = ONCE_FLAG_INIT;
static int go;
static int n_once;
static int n_destroyed;

static void run_once(void)
{
	n_once++;
}

static void destroy(void *value)
{
	mtx_lock(&m);
	n_destroyed += *(int *)value;
	mtx_unlock(&m);
}

static int busy(void *unused)
{
	struct timespec soon = time_in_ms(CLOCK_REALTIME, 2);

	(void)unused;
	IS(thrd_busy, mtx_trylock(&m));
	IS(thrd_timedout, mtx_timedlock(&m, &soon));
	return 5;
}

static int waiter(void *one)
{
	tss_set(key, one);
	call_once(&flag, run_once);
	mtx_lock(&m);
	while (!go)
		cnd_wait(&c, &m);
	mtx_unlock(&m);
	return *(int *)one;
}

static int leaver(void *unused)
{
	(void)unused;
	thrd_exit(9);
}

static void kinds(void)
{
	struct timespec later = time_in_ms(CLOCK_REALTIME, 1000);
	mtx_t k;

	IS(thrd_success, mtx_init(&k, mtx_plain | mtx_recursive));
	IS(thrd_success, mtx_lock(&k));
	IS(thrd_success, mtx_lock(&k));
	IS(thrd_success, mtx_unlock(&k));
	IS(thrd_success, mtx_unlock(&k));
	mtx_destroy(&k);
	IS(thrd_success, mtx_init(&k, mtx_timed));
	IS(thrd_success, mtx_timedlock(&k, &later));
	IS(thrd_success, mtx_unlock(&k));
	IS(thrd_success, mtx_trylock(&k));
	IS(thrd_success, mtx_unlock(&k));
	mtx_destroy(&k);
}

int main(void)
{
	static int one = 1;
	struct timespec past = { 1, 0 };
	thrd_t t[3];
	int result;

	kinds();
	IS(thrd_success, mtx_init(&m, mtx_timed));
	IS(thrd_success, cnd_init(&c));
	IS(thrd_success, tss_create(&key, destroy));

	IS(thrd_success, mtx_lock(&m));
	must(thrd_create(&t[0], busy, NULL) == thrd_success, "create");
	IS(thrd_success, thrd_join(t[0], &result));
	IS(5, result);
	IS(thrd_timedout, cnd_timedwait(&c, &m, &past));
	IS(thrd_success, mtx_unlock(&m));

	for (int i = 0; i < 3; i++)
		IS(thrd_success, thrd_create(&t[i], waiter, &one));
	mtx_lock(&m);
	go = 1;
	mtx_unlock(&m);
	IS(thrd_success, cnd_signal(&c));
	IS(thrd_success, cnd_broadcast(&c));
	for (int i = 0; i < 3; i++)
		thrd_join(t[i], &result);
	IS(3, n_destroyed);
	IS(1, n_once);

	IS(thrd_success, thrd_create(&t[0], leaver, NULL));
	IS(thrd_success, thrd_join(t[0], &result));
	IS(9, result);
	IS(thrd_success, thrd_create(&t[0], leaver, NULL));
	IS(thrd_success, thrd_detach(t[0]));
	IS(1, thrd_equal(thrd_current(), thrd_current()) != 0);
	tss_delete(key);
	cnd_destroy(&c);
	mtx_destroy(&m);
	return 0;
}
