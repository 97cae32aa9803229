/* SPDX-License-Identifier: MIT */
/*
 * GLib's once: the initialisation comes before whatever asked for it and was
 * answered.  The functions are called that the macros of glib.h call if it is
 * not known to be done.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * steps: 2
 * begun: 2
 */
#include <glib.h>

#include "handover.h"

static gsize location;
static GOnce once = G_ONCE_INIT;

static gpointer initialise(gpointer step)
{
	before_giving(GPOINTER_TO_INT(step));
	return &once;
}

static gpointer taker(gpointer unused)
{
	until_given(0);
	if ((g_once_init_enter)(&location))
		exit(99);
	after_taking(0);
	until_given(1);
	if (g_once_impl(&once, initialise, NULL) != &once)
		exit(99);
	after_taking(1);
	return unused;
}

int main(int argc, char **argv)
{
	GThread *t;

	begin(argc, argv);
	t = g_thread_new("taker", taker, NULL);
	if (!(g_once_init_enter)(&location))
		exit(99);
	before_giving(0);
	(g_once_init_leave)(&location, 1);
	after_giving(0);
	g_once_impl(&once, initialise, GINT_TO_POINTER(1));
	after_giving(1);
	g_thread_join(t);
	return end(2);
}
