/* SPDX-License-Identifier: MIT */
/*
 * GLib's locks: giving up comes before taking, and one hold is one hold,
 * whatever the lock is made of inside.  Two bits of a word are two locks:
 * apart, one step adds with a bit taken that is not the taker's.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * steps: 11
 * taken: 7 mutex
 * taken: 2 word
 * taken: 2 word #2
 * taken: 2 pointer
 * taken: 4 old_rwlock
 * taken: 4 mutex made
 * taken: 4 rwlock made
 * thread: taker taker main
 */
#define GLIB_DISABLE_DEPRECATION_WARNINGS
#include <glib.h>

#include "handover.h"

#define STEPS 11

static GMutex mutex;
static GCond condition;
static GRecMutex recursive;
static GRWLock rwlock;
static GStaticRWLock old_rwlock = G_STATIC_RW_LOCK_INIT;
static volatile gint word;
static void *volatile pointer;
static int is_waiting, signalled;

static void mutexes(int step, gboolean take)
{
	if (step == 2 && take) {
		g_rec_mutex_lock(&recursive);
		if (!g_rec_mutex_trylock(&recursive))
			exit(99);
	} else if (step == 2) {
		g_rec_mutex_unlock(&recursive);
		g_rec_mutex_unlock(&recursive);
	} else if (!take)
		g_mutex_unlock(&mutex);
	else if (step == 0)
		g_mutex_lock(&mutex);
	else if (!g_mutex_trylock(&mutex))
		exit(99);
}

/* A writer's hold comes before a reader's, and the other way round. */
static void rwlocks(gboolean write, gboolean take)
{
	if (write)
		take ? g_rw_lock_writer_lock(&rwlock)
		     : g_rw_lock_writer_unlock(&rwlock);
	else
		take ? g_rw_lock_reader_lock(&rwlock)
		     : g_rw_lock_reader_unlock(&rwlock);
}

static void old_rwlocks(gboolean write, gboolean take)
{
	if (write)
		take ? g_static_rw_lock_writer_lock(&old_rwlock)
		     : g_static_rw_lock_writer_unlock(&old_rwlock);
	else
		take ? g_static_rw_lock_reader_lock(&old_rwlock)
		     : g_static_rw_lock_reader_unlock(&old_rwlock);
}

static void bits(int bit, gboolean take)
{
	take ? g_bit_lock(&word, bit) : g_bit_unlock(&word, bit);
}

static void change(int step, gboolean take, gboolean giver)
{
	switch (step) {
	case 0:
	case 1:
	case 2:
		mutexes(step, take);
		break;
	case 3:
	case 4:
		rwlocks((step == 3) == giver, take);
		break;
	case 5:
	case 6:
		old_rwlocks((step == 5) == giver, take);
		break;
	case 7:
		bits(30, take);
		break;
	case 8:
		bits(apart && giver ? 2 : 1, take);
		break;
	case 9:
		take ? g_pointer_bit_lock(&pointer, 0)
		     : g_pointer_bit_unlock(&pointer, 0);
		break;
	}
}

/* The mutex is given up while it waits. */
static void wait_old(void)
{
	GTimeVal end_time;

	g_get_current_time(&end_time);
	end_time.tv_sec += 60;
	g_mutex_lock(&mutex);
	set(&is_waiting);
	while (!signalled)
		if (!g_cond_timed_wait(&condition, &mutex, &end_time))
			exit(99);
	g_mutex_unlock(&mutex);
}

static void signal_old(void)
{
	until(&is_waiting);
	g_mutex_lock(&mutex);
	signalled = 1;
	g_cond_signal(&condition);
	g_mutex_unlock(&mutex);
}

static gpointer taker(gpointer unused)
{
	for (int step = 0; step < STEPS - 1; step++) {
		until_given(step);
		change(step, TRUE, FALSE);
		change(step, FALSE, FALSE);
		after_taking(step);
	}
	wait_old();
	after_taking(STEPS - 1);
	return unused;
}

int main(int argc, char **argv)
{
	GThread *t;

	begin(argc, argv);
	t = g_thread_new("taker", taker, NULL);
	for (int step = 0; step < STEPS - 1; step++) {
		change(step, TRUE, TRUE);
		before_giving(step);
		if (step == 8 && apart)
			add(step);
		change(step, FALSE, TRUE);
		after_giving(step);
	}
	before_giving(STEPS - 1);
	signal_old();
	after_giving(STEPS - 1);
	g_thread_join(t);
	return end(STEPS);
}
