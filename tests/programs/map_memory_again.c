/* SPDX-License-Identifier: MIT */
/*
 * Trees are made by some threads and destroyed by others, and their memory is
 * at once another tree's: while the call that freed it has not returned.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * env: G_SLICE=always-malloc
 * expect: nothing
 * allow: perf-hot
 */
#include <glib.h>

#include "program.h"

enum { TIMES = 10000, WAITING = 50 };

static GAsyncQueue *queue;

static int compare(gconstpointer a, gconstpointer b)
{
	return a < b ? -1 : a > b;
}

static void *make(void *unused)
{
	for (int i = 1; i <= TIMES; i++) {
		GTree *tree = g_tree_new(compare);

		g_tree_insert(tree, GINT_TO_POINTER(i), NULL);
		if (g_async_queue_length(queue) < WAITING)
			g_async_queue_push(queue, tree);
		else
			g_tree_destroy(tree);
	}
	g_async_queue_push(queue, queue);
	return unused;
}

static void *end(void *unused)
{
	GTree *tree;

	while ((tree = g_async_queue_pop(queue)) != (void *)queue) {
		g_tree_lookup(tree, GINT_TO_POINTER(1));
		g_tree_destroy(tree);
	}
	return unused;
}

int main(void)
{
	pthread_t threads[4];

	queue = g_async_queue_new();
	for (int i = 0; i < 4; i++)
		threads[i] = thread_start(i % 2 ? end : make, NULL);
	for (int i = 0; i < 4; i++)
		thread_end(threads[i]);
	return 0;
}
