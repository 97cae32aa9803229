/* SPDX-License-Identifier: MIT */
/*
 * GAsyncQueue: what is pushed comes before what is done with what is popped.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * steps: 15
 * taken: 15 mutex first used
 */
#define GLIB_DISABLE_DEPRECATION_WARNINGS
#include <glib.h>
#include <stdbool.h>

#include "handover.h"

static GAsyncQueue *queue;
static int has_begun[MOST_STEPS];

static gint by_address(gconstpointer a, gconstpointer b, gpointer unused)
{
	(void)unused;
	return (a > b) - (a < b);
}

/* Unlocked, from step 9 on. */
static void push(int step)
{
	gpointer item = &trees[step];

	if (step >= 12)
		until(&has_begun[step]);
	if (step >= 9)
		g_async_queue_lock(queue);
	switch (step % 3 + (step >= 9 ? 3 : 0)) {
	case 0:
		g_async_queue_push(queue, item);
		break;
	case 1:
		g_async_queue_push_front(queue, item);
		break;
	case 2:
		g_async_queue_push_sorted(queue, item, by_address, NULL);
		break;
	case 3:
		g_async_queue_push_unlocked(queue, item);
		break;
	case 4:
		g_async_queue_push_front_unlocked(queue, item);
		break;
	case 5:
		g_async_queue_push_sorted_unlocked(queue, item, by_address,
						   NULL);
		break;
	}
	if (step >= 9)
		g_async_queue_unlock(queue);
}

/*
 * Unlocked in steps 3 to 5, where the item is there, and from 12 on, where it
 * is waited for: the lock is given up and taken again.
 */
static gpointer pop(int step)
{
	GTimeVal until_time;

	switch (step < 12 ? step : step - 9) {
	case 0:
		return g_async_queue_pop(queue);
	case 1:
		until_given(step);
		return g_async_queue_try_pop(queue);
	case 2:
		return g_async_queue_timeout_pop(queue, 60 * G_USEC_PER_SEC);
	case 3:
		return g_async_queue_pop_unlocked(queue);
	case 4:
		return g_async_queue_timeout_pop_unlocked(queue,
							  60 * G_USEC_PER_SEC);
	case 5:
		g_get_current_time(&until_time);
		until_time.tv_sec += 60;
		return g_async_queue_timed_pop_unlocked(queue, &until_time);
	case 6:
		g_get_current_time(&until_time);
		until_time.tv_sec += 60;
		return g_async_queue_timed_pop(queue, &until_time);
	case 7:
		until_given(step);
		return g_async_queue_remove(queue, &trees[step]) ? &trees[step]
								 : NULL;
	default:
		return g_async_queue_pop(queue);
	}
}

static gpointer taker(gpointer unused)
{
	for (int step = 0; step < 15; step++) {
		bool unlocked = (step >= 3 && step < 6) || step >= 12;
		gpointer item;

		if (step >= 3 && step < 6)
			until_given(step);
		if (unlocked)
			g_async_queue_lock(queue);
		set(&has_begun[step]);
		item = pop(step);
		if (unlocked)
			g_async_queue_unlock(queue);
		if (item != &trees[step])
			exit(99);
		after_taking(step);
	}
	return unused;
}

int main(int argc, char **argv)
{
	GThread *t;

	begin(argc, argv);
	queue = g_async_queue_new();
	t = g_thread_new("taker", taker, NULL);
	for (int step = 0; step < 15; step++) {
		before_giving(step);
		push(step);
		after_giving(step);
	}
	g_thread_join(t);
	return end(15);
}
