/* SPDX-License-Identifier: MIT */
/*
 * For thread_names.sh: threads that are named in every way there is, or not at
 * all.  All live at once; each is known by its start routine.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * packages: libglib2.0-dev
 */
#include <glib.h>
#include <sys/prctl.h>
#include <threads.h>

#include "program.h"

static pthread_barrier_t named, done;

static void *by_creator(void *unused)
{
	pthread_barrier_wait(&named);
	pthread_barrier_wait(&done);
	return unused;
}

static void *by_creator_at_once(void *unused)
{
	pthread_barrier_wait(&done);
	return unused;
}

static void *by_itself(void *unused)
{
	pthread_setname_np(pthread_self(), "by itself");
	pthread_setname_np(pthread_self(), "itself again");
	pthread_barrier_wait(&done);
	return unused;
}

static void *by_prctl(void *unused)
{
	prctl(PR_SET_NAME, "by prctl, too long for it", 0, 0, 0);
	pthread_barrier_wait(&done);
	return unused;
}

static int by_nobody(void *unused)
{
	(void)unused;
	pthread_barrier_wait(&done);
	return 0;
}

static void *by_glib(void *unused)
{
	pthread_barrier_wait(&done);
	return unused;
}

static __attribute__((noinline)) pthread_t make(void *(*routine)(void *))
{
	return thread_start(routine, NULL);
}

int main(void)
{
	pthread_t a, b, c, d;
	GThread *e;
	thrd_t f;

	pthread_barrier_init(&named, NULL, 2);
	pthread_barrier_init(&done, NULL, 7);
	a = make(by_creator);
	pthread_barrier_wait(&named);
	pthread_setname_np(a, "by creator");
	b = make(by_creator_at_once);
	pthread_setname_np(b, "at once");
	c = make(by_itself);
	d = make(by_prctl);
	e = g_thread_new("by glib", by_glib, NULL);
	must(thrd_create(&f, by_nobody, NULL) == thrd_success, "create");
	FAILS(0, prctl(PR_SET_NAME, "main", 0, 0, 0));
	pthread_barrier_wait(&done);
	thread_end(a);
	thread_end(b);
	thread_end(c);
	thread_end(d);
	g_thread_join(e);
	thrd_join(f, NULL);
	return 0;
}
