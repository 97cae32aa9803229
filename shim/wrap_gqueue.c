/* SPDX-License-Identifier: MIT */
/*
 * GLib's queues between threads, and its pools of threads.
 *
 * A GAsyncQueue is a channel, and has a lock which the program may take
 * itself; how long it waited for that cannot be told, as there is no call that
 * tries.  (Calls that only push or pop are rows of calls.def.)
 */
#include "wrap.h"

#include <errno.h>

#include "channel.h"
#include "process.h"

static uint64_t lock_of(const void *q)
{
	return object_key(q, OBJECT_GMUTEX);
}

EXPORT void g_async_queue_lock(void *q)
{
	struct context *c;

	if (REAL_IS_THERE(g_async_queue_lock))
		real.g_async_queue_lock(q);
	c = context_enter(FRAME);
	if (!c)
		return;
	record_acquire(c, FRAME, lock_of(q), false, CALL_g_async_queue_lock, 0);
	context_leave(c);
}

static void release(const void *frame, const void *q)
{
	struct context *c = context_enter(frame);

	if (!c)
		return;
	record_release(c, frame, lock_of(q));
	context_leave(c);
}

EXPORT void g_async_queue_unlock(void *q)
{
	release(FRAME, q);
	if (REAL_IS_THERE(g_async_queue_unlock))
		real.g_async_queue_unlock(q);
}

EXPORT void g_async_queue_unref_and_unlock(void *q)
{
	release(FRAME, q);
	if (REAL_IS_THERE(g_async_queue_unref_and_unlock))
		real.g_async_queue_unref_and_unlock(q);
}

/* Whether there is an item that nobody waits for: popping it takes no time. */
static bool has_items(void *q)
{
	static int (*_Atomic length)(void *);
	int (*f)(void *) = atomic_load(&length);

	if (!f) {
		*(void **)(&f) = real_data("g_async_queue_length_unlocked");
		atomic_store(&length, f);
	}
	return f && f(q) > 0;
}

/* A pop that may wait gives the lock up meanwhile: true if that is so and is
   recorded. */
static bool gives_lock_up(const void *frame, void *q)
{
	const uint64_t key = lock_of(q);
	struct context *c;
	bool held = false;

	if (!q || has_items(q))
		return false;
	c = context_enter(frame);
	if (!c)
		return false;
	for (uint32_t i = 1; i <= c->n_held && !held; i++)
		held = c->held[i].key == key;
	if (held)
		record_release(c, frame, key);
	context_leave(c);
	return held;
}

static void popped(const void *frame, const void *q, bool gave_up, bool got,
		   uint32_t call)
{
	struct context *c = gave_up ? context_enter(frame) : NULL;

	if (c) {
		record_acquire(c, frame, lock_of(q), false, call, 0);
		context_leave(c);
	}
	if (got)
		channel_take(frame, q, call);
}

#define POP(name, params, args)                               \
	EXPORT void *name params                              \
	{                                                     \
		bool gave_up = gives_lock_up(FRAME, q);       \
		void *item = PASS(name, args);                \
                                                              \
		popped(FRAME, q, gave_up, item, CALL_##name); \
		return item;                                  \
	}

POP(g_async_queue_pop_unlocked, (void *q), (q))
POP(g_async_queue_timeout_pop_unlocked, (void *q, uint64_t us), (q, us))
POP(g_async_queue_timed_pop_unlocked, (void *q, void *until), (q, until))

/*
 * Pools.  That a worker begins a task, and that it has ended it, is seen from
 * one of our functions, which the pool is told to call: one for each function
 * of the program's, as the arguments, which the program may look for, are to
 * stay what they are.  Visible is another function in GThreadPool.func.
 *
 * Pools that have the function in common are one channel; as with queues, a
 * worker is ordered after all that were pushed before it began.
 */
typedef void task_function(void *item, void *data);

struct task {
	task_function *_Atomic routine; /* the program's; NULL: free */
	char pushed, done;		/* whose addresses are channels */
};

#define N_TASKS 64

static struct task tasks[N_TASKS];

static void run_task(struct task *t, void *item, void *data)
{
	channel_take(FRAME, &t->pushed, CALL_g_thread_pool_new);
	atomic_load_explicit(&t->routine, memory_order_relaxed)(item, data);
	channel_give(FRAME, &t->done, CALL_g_thread_pool_push);
}

/* X(00) ... X(77): octal, without the 0 that makes them so. */
#define EIGHT(X, n) \
	X(n##0) X(n##1) X(n##2) X(n##3) X(n##4) X(n##5) X(n##6) X(n##7)
#define EACH(X)     \
	EIGHT(X, 0) \
	EIGHT(X, 1) \
	EIGHT(X, 2) EIGHT(X, 3) EIGHT(X, 4) EIGHT(X, 5) EIGHT(X, 6) EIGHT(X, 7)

#define RUN(n)                                      \
	static void run_##n(void *item, void *data) \
	{                                           \
		run_task(&tasks[0##n], item, data); \
	}
EACH(RUN)

#define NAME(n) run_##n,
static task_function *const runs[N_TASKS] = { EACH(NAME) };

/* Which of ours it is; -1: none. */
static int find_run(task_function *f)
{
	for (int i = 0; i < N_TASKS; i++)
		if (runs[i] == f)
			return i;
	return -1;
}

/* What to give to the pool; the program's own if there are too many. */
static task_function *instead_of(task_function *routine)
{
	if (!routine || !process_is_recording() || find_run(routine) >= 0)
		return routine;
	for (int i = 0; i < N_TASKS; i++) {
		task_function *there = NULL;

		if (atomic_compare_exchange_strong(&tasks[i].routine, &there,
						   routine) ||
		    there == routine)
			return runs[i];
	}
	process_lost(CMSHIM_LOST_OBJECTS);
	return routine;
}

static struct task *task_of(void *pool)
{
	int i = pool ? find_run(*(task_function **)pool) : -1;

	return i < 0 ? NULL : &tasks[i];
}

const void *channel_of_pool(const void *pool)
{
	const struct task *t = task_of((void *)(uintptr_t)pool);

	return t ? &t->pushed : NULL;
}

EXPORT void *g_thread_pool_new(task_function *task, void *data, int max,
			       int exclusive, void **error)
{
	return PASS(g_thread_pool_new,
		    (instead_of(task), data, max, exclusive, error));
}

EXPORT void *g_thread_pool_new_full(task_function *task, void *data,
				    void *free_item, int max, int exclusive,
				    void **error)
{
	return PASS(g_thread_pool_new_full,
		    (instead_of(task), data, free_item, max, exclusive, error));
}

/* If it waits, all that was done in the pool is done when it returns. */
EXPORT void g_thread_pool_free(void *pool, int immediate, int wait)
{
	const struct task *t = wait ? task_of(pool) : NULL;

	if (REAL_IS_THERE(g_thread_pool_free))
		real.g_thread_pool_free(pool, immediate, wait);
	if (t)
		channel_take(FRAME, &t->done, CALL_g_thread_pool_free);
}

/* Programs ask until nothing is left.  What is still being done then is not
   told apart from what is done, as the pool's lock orders both. */
EXPORT unsigned g_thread_pool_unprocessed(void *pool)
{
	const struct task *t = task_of(pool);
	unsigned left = PASS(g_thread_pool_unprocessed, (pool));

	if (t)
		channel_take(FRAME, &t->done, CALL_g_thread_pool_unprocessed);
	return left;
}
