/* SPDX-License-Identifier: MIT */
/*
 * One lock of each kind that GLib has, and a thread that holds one while
 * another thread takes one.  Bits of one word are locks apart.
 */
#ifndef TESTS_CONTENDED_GLIB_H
#define TESTS_CONTENDED_GLIB_H

#define GLIB_DISABLE_DEPRECATION_WARNINGS
#include <glib.h>

#include "program.h"

#define LOCKS 6

static GMutex mutex;
static GRecMutex recursive;
static GRWLock rwlock;
static GStaticRWLock old_rwlock = G_STATIC_RW_LOCK_INIT;
static volatile gint word;

static inline void take(int which)
{
	switch (which) {
	case 0:
		g_mutex_lock(&mutex);
		break;
	case 1:
		g_rec_mutex_lock(&recursive);
		break;
	case 2:
		g_rw_lock_writer_lock(&rwlock);
		break;
	case 3:
		g_static_rw_lock_writer_lock(&old_rwlock);
		break;
	default:
		g_bit_lock(&word, which);
		break;
	}
}

static inline void give_up(int which)
{
	switch (which) {
	case 0:
		g_mutex_unlock(&mutex);
		break;
	case 1:
		g_rec_mutex_unlock(&recursive);
		break;
	case 2:
		g_rw_lock_writer_unlock(&rwlock);
		break;
	case 3:
		g_static_rw_lock_writer_unlock(&old_rwlock);
		break;
	default:
		g_bit_unlock(&word, which);
		break;
	}
}

struct taker {
	int which;
	int *met;
};

static inline gpointer taker(gpointer data)
{
	const struct taker *t = data;

	meet(t->met, 2);
	take(t->which);
	give_up(t->which);
	return NULL;
}

/* Another thread takes the second lock while this one holds the first. */
static inline void two_threads(int first, int second)
{
	int met = 0;
	struct taker other = { .which = second, .met = &met };
	GThread *t = g_thread_new("taker", taker, &other);

	take(first);
	meet(&met, 2);
	g_usleep(20000);
	give_up(first);
	g_thread_join(t);
}

#endif
