/* SPDX-License-Identifier: MIT */
/*
 * GTree: every kind of call from two threads, under a mutex.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: nothing
 * allow: perf-hot
 */
#include <glib.h>

#include "program.h"

#define N 1000

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static GTree *tree;

static gint compare(gconstpointer a, gconstpointer b)
{
	return GPOINTER_TO_INT(a) - GPOINTER_TO_INT(b);
}

static gboolean add_up(gpointer key, gpointer value, gpointer sum)
{
	(void)value;
	*(long *)sum += GPOINTER_TO_INT(key);
	return FALSE;
}

static void *worker(void *arg)
{
	int first = GPOINTER_TO_INT(arg);

	for (int i = first; i < first + N; i++) {
		pthread_mutex_lock(&m);
		g_tree_insert(tree, GINT_TO_POINTER(i), arg);
		g_tree_lookup(tree, GINT_TO_POINTER(i - 1));
		if (i % 2)
			g_tree_remove(tree, GINT_TO_POINTER(i));
		else
			g_tree_replace(tree, GINT_TO_POINTER(i), arg);
		pthread_mutex_unlock(&m);
	}
	return NULL;
}

int main(void)
{
	pthread_t t;
	long sum = 0;

	tree = g_tree_new(compare);
	t = thread_start(worker, GINT_TO_POINTER(10));
	worker(GINT_TO_POINTER(10 + N));
	thread_end(t);

	g_tree_foreach(tree, add_up, &sum);
	printf("%ld %d\n", sum, g_tree_nnodes(tree));
	printf("%d\n",
	       g_tree_lookup_extended(tree, GINT_TO_POINTER(12), NULL, NULL));
	printf("%d\n", g_tree_steal(tree, GINT_TO_POINTER(13)));
	g_tree_ref(tree);
	g_tree_unref(tree);
	g_tree_destroy(tree);
	return 0;
}
