/* SPDX-License-Identifier: MIT */
/*
 * A source of a main loop writes a tree that two threads write under a mutex:
 * after both, which nothing orders but the mutex.
 */
#ifndef TESTS_CALLBACK_SOURCE_H
#define TESTS_CALLBACK_SOURCE_H

#include <glib.h>

#include "callback.h"

/* How it writes. */
static void write_it(void);

static gboolean idle(void *loop)
{
	turn_begin(2);
	write_it();
	g_main_loop_quit(loop);
	return G_SOURCE_REMOVE;
}

int main(void)
{
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);
	pthread_t t = thread_start(other_thread, NULL);

	for (int i = 0; i < 10; i++)
		insert_locked(i);
	g_idle_add(idle, loop);
	turn_end();
	g_main_loop_run(loop);
	g_main_loop_unref(loop);
	thread_end(t);
	pthread_mutex_lock(&m);
	printf("%d\n", is_there(20));
	pthread_mutex_unlock(&m);
	return 0;
}

#endif
