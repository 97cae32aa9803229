/* SPDX-License-Identifier: MIT */
/*
 * GMainContext: what adds a source, of the default context or of another,
 * comes before its callback; who ends a loop or wakes one comes before what
 * follows it.  Sources with functions of the program's own as well, whether the
 * loop is running by then or not.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * steps: 23
 */
#include <glib-unix.h>
#include <glib.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "handover.h"

static GMainContext *other, *fourth;
static GMainContext *idle[2]; /* that nobody runs until something is there */
static GMainLoop *loops[2];
static GSource *sleeper;
static int ends[2]; /* of a pipe with something in it */
static int awake;

static gboolean called(gpointer step)
{
	after_taking(GPOINTER_TO_INT(step));
	return G_SOURCE_REMOVE;
}

static void called_once(gpointer step)
{
	called(step);
}

static gboolean called_io(GIOChannel *io, GIOCondition c, gpointer step)
{
	if (!io || c != G_IO_IN)
		exit(99);
	return called(step);
}

static gboolean called_fd(gint fd, GIOCondition c, gpointer step)
{
	if (fd != ends[0] || c != G_IO_IN)
		exit(99);
	return called(step);
}

static void called_child(GPid pid, gint status, gpointer step)
{
	if (pid <= 0 || WEXITSTATUS(status) != 7)
		exit(99);
	called(step);
}

static gpointer run(gpointer loop)
{
	g_main_loop_run(loop);
	if (loop == loops[1])
		after_taking(16);
	return NULL;
}

/* What is left of making the context would end the first wait. */
static gpointer iterate(gpointer context)
{
	while (g_main_context_iteration(context, FALSE))
		;
	set(&awake);
	g_main_context_iteration(context, TRUE);
	after_taking(17);
	return NULL;
}

static gpointer run_late(gpointer unused)
{
	until_given(21);
	g_main_context_iteration(idle[0], FALSE);
	until_given(22);
	g_main_loop_run(g_main_loop_new(idle[1], FALSE));
	return unused;
}

static void add_to(GMainContext *context, GSource *source, gpointer step)
{
	g_source_set_callback(source, called, step, NULL);
	g_source_attach(source, context);
	g_source_unref(source);
}

static GPid child(void)
{
	GPid pid = fork();

	if (pid == 0)
		_exit(7);
	return pid;
}

/* A source of the program's own, with its own functions. */
struct own_source {
	GSource base;
	int step;
};

static gboolean is_ready(GSource *source)
{
	(void)source;
	return TRUE;
}

static gboolean is_ready_to_wait(GSource *source, gint *ms)
{
	*ms = 0;
	return is_ready(source);
}

static gboolean dispatch_own(GSource *source, GSourceFunc function,
			     gpointer data)
{
	struct own_source *own = (struct own_source *)source;

	if (function)
		return function(data);
	after_taking(own->step);
	return G_SOURCE_REMOVE;
}

static GSource *own_source(int step)
{
	static GSourceFuncs functions = { .prepare = is_ready_to_wait,
					  .check = is_ready,
					  .dispatch = dispatch_own };
	GSource *source = g_source_new(&functions, sizeof(struct own_source));

	((struct own_source *)source)->step = step;
	return source;
}

static void attach_own(GMainContext *context, int step)
{
	GSource *source = own_source(step);

	g_source_attach(source, context);
	g_source_unref(source);
}

static void give(int step)
{
	gpointer data = GINT_TO_POINTER(step);
	GIOChannel *io;

	switch (step) {
	case 0:
		g_idle_add(called, data);
		break;
	case 1:
		g_idle_add_full(G_PRIORITY_HIGH, called, data, NULL);
		break;
	case 2:
		g_idle_add_once(called_once, data);
		break;
	case 3:
		g_timeout_add(1, called, data);
		break;
	case 4:
		g_timeout_add_full(G_PRIORITY_LOW, 1, called, data, NULL);
		break;
	case 5:
		g_timeout_add_once(1, called_once, data);
		break;
	case 6:
		g_timeout_add_seconds(0, called, data);
		break;
	case 7:
		g_timeout_add_seconds_full(0, 0, called, data, NULL);
		break;
	case 8:
		g_main_context_invoke(NULL, called, data);
		break;
	case 9:
		g_main_context_invoke_full(other, 0, called, data, NULL);
		break;
	case 10:
		add_to(other, g_idle_source_new(), data);
		break;
	case 11:
		io = g_io_channel_unix_new(ends[0]);
		g_io_add_watch(io, G_IO_IN, called_io, data);
		g_io_channel_unref(io);
		break;
	case 12:
		g_unix_fd_add(ends[0], G_IO_IN, called_fd, data);
		break;
	case 13:
		g_child_watch_add(child(), called_child, data);
		break;
	case 14:
		g_unix_signal_add(SIGUSR1, called, data);
		kill(getpid(), SIGUSR1);
		break;
	case 15:
		g_source_set_ready_time(sleeper, 0);
		break;
	case 16:
		g_main_loop_quit(loops[1]);
		break;
	case 17:
		g_main_context_wakeup(fourth);
		break;
	case 18:
		add_to(other, own_source(step), data);
		break;
	case 19:
		attach_own(other, step);
		break;
	case 20:
		attach_own(NULL, step);
		break;
	case 21:
		attach_own(idle[0], step);
		break;
	case 22:
		attach_own(idle[1], step);
		break;
	}
}

static void step(int number)
{
	before_giving(number);
	give(number);
	after_giving(number);
}

/* The threads run until the program ends. */
static void prepare(void)
{
	GMainContext *third = g_main_context_new();

	if (pipe(ends) != 0 || write(ends[1], "x", 1) != 1)
		exit(99);
	other = g_main_context_new();
	sleeper = g_timeout_source_new_seconds(1000);
	add_to(other, g_source_ref(sleeper), GINT_TO_POINTER(15));
	loops[0] = g_main_loop_new(other, FALSE);
	loops[1] = g_main_loop_new(third, FALSE);
	fourth = g_main_context_new();
	idle[0] = g_main_context_new();
	idle[1] = g_main_context_new();
	g_thread_new("late", run_late, NULL);
	g_thread_new("default", run, g_main_loop_new(NULL, FALSE));
	g_thread_new("other", run, loops[0]);
	g_thread_new("third", run, loops[1]);
	g_thread_new("fourth", iterate, fourth);
	while (!g_main_loop_is_running(loops[0]) ||
	       !g_main_loop_is_running(loops[1]))
		sched_yield();
	until(&awake);
}

int main(int argc, char **argv)
{
	begin(argc, argv);
	prepare();
	for (int i = 0; i < 23; i++)
		step(i);
	return end(23);
}
