/* SPDX-License-Identifier: MIT */
/*
 * GThreadPool: what is pushed comes before its task; tasks come before the end
 * of a g_thread_pool_free() that waits.  Pools with functions of their own,
 * shared and exclusive.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * steps: 5
 */
#include <glib.h>

#include "handover.h"

static GThreadPool *pools[3];

static void look(gpointer item, gpointer data)
{
	if (data != &pools[0])
		exit(99);
	after_taking(GPOINTER_TO_INT(item));
}

static void look_too(gpointer item, gpointer data)
{
	if (data != NULL)
		exit(99);
	after_taking(GPOINTER_TO_INT(item));
}

/* Gives and must not wait for who takes: the first takes when all is done. */
static void work(gpointer item, gpointer data)
{
	int step = GPOINTER_TO_INT(item);

	(void)data;
	before_giving(step);
}

static void push(int step, GThreadPool *pool)
{
	before_giving(step);
	g_thread_pool_push(pool, GINT_TO_POINTER(step), NULL);
	after_giving(step);
}

/* Another thread than ours adds, which nothing orders before us. */
static gpointer late(gpointer step)
{
	add(GPOINTER_TO_INT(step));
	return NULL;
}

int main(int argc, char **argv)
{
	GThread *t = NULL;

	begin(argc, argv);
	pools[0] = g_thread_pool_new(look, &pools[0], 2, TRUE, NULL);
	pools[1] = g_thread_pool_new(look_too, NULL, 1, FALSE, NULL);
	pools[2] = g_thread_pool_new_full(work, NULL, g_free, 1, FALSE, NULL);
	push(1, pools[0]);
	push(2, pools[1]);
	push(3, pools[0]);
	push(4, pools[1]);

	g_thread_pool_push(pools[2], GINT_TO_POINTER(5), NULL);
	if (apart)
		t = g_thread_new("late", late, GINT_TO_POINTER(5));
	g_thread_pool_free(pools[2], FALSE, TRUE);
	after_taking(5);
	if (t)
		g_thread_join(t);
	g_thread_pool_free(pools[0], FALSE, TRUE);
	g_thread_pool_free(pools[1], FALSE, TRUE);
	return end(5);
}
