/* SPDX-License-Identifier: MIT */
/*
 * GTask: who runs one comes before its thread's function, and what that
 * returned before the callback in the main loop; a synchronous one comes
 * before the end of the call.  libgio uses what libglib exports.
 *
 * build: -pthread $(pkg-config --cflags --libs gio-2.0)
 * steps: 3
 */
#include <gio/gio.h>

#include "handover.h"

static GMainLoop *loop;

/* What a task's function does after it has returned its result still comes
   before the callback: apart, it is another thread that adds. */
static gpointer late(gpointer unused)
{
	for (int step = 1; step <= 2; step++) {
		until(&has_given[step]);
		add(step);
	}
	return unused;
}

static void in_thread(GTask *task, gpointer source, gpointer data,
		      GCancellable *c)
{
	(void)source;
	(void)c;
	if (GPOINTER_TO_INT(data) == 0) {
		after_taking(0);
		before_giving(1);
		set(&has_given[1]);
	} else {
		before_giving(2);
		set(&has_given[2]);
	}
	g_task_return_boolean(task, TRUE);
}

static void is_done(GObject *object, GAsyncResult *result, gpointer data)
{
	(void)object;
	(void)data;
	if (!g_task_propagate_boolean(G_TASK(result), NULL))
		exit(99);
	after_taking(1);
	g_main_loop_quit(loop);
}

static gpointer start(gpointer unused)
{
	GTask *task = g_task_new(NULL, NULL, is_done, NULL);

	g_task_set_task_data(task, GINT_TO_POINTER(0), NULL);
	before_giving(0);
	g_task_run_in_thread(task, in_thread);
	after_giving(0);
	g_object_unref(task);
	return unused;
}

static void synchronous(void)
{
	GTask *task = g_task_new(NULL, NULL, NULL, NULL);

	g_task_set_task_data(task, GINT_TO_POINTER(2), NULL);
	g_task_run_in_thread_sync(task, in_thread);
	after_taking(2);
	g_object_unref(task);
}

int main(int argc, char **argv)
{
	begin(argc, argv);
	if (apart)
		g_thread_new("late", late, NULL);
	loop = g_main_loop_new(NULL, FALSE);
	start(NULL);
	g_main_loop_run(loop);
	synchronous();
	return end(3);
}
