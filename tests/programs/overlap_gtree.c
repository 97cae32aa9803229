/* SPDX-License-Identifier: MIT */
/*
 * GTree: a lookup while another thread inserts; the comparison waits for
 * both.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: map-race-overlap
 */
#include <glib.h>

#include "program.h"

static int wait_for_both;
static int inside;

static gint compare(gconstpointer a, gconstpointer b)
{
	if (wait_for_both)
		meet(&inside, 2);
	return GPOINTER_TO_INT(a) - GPOINTER_TO_INT(b);
}

static void *finder(void *tree)
{
	g_tree_lookup(tree, GINT_TO_POINTER(1));
	return NULL;
}

int main(void)
{
	GTree *tree = g_tree_new(compare);
	pthread_t t;

	g_tree_insert(tree, GINT_TO_POINTER(1), NULL);
	wait_for_both = 1;
	t = thread_start(finder, tree);
	g_tree_insert(tree, GINT_TO_POINTER(2), NULL);
	thread_end(t);

	printf("%d\n", g_tree_nnodes(tree));
	g_tree_destroy(tree);
	return 0;
}
