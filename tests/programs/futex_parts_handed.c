/* SPDX-License-Identifier: MIT */
/*
 * futex_wait(2), futex_wake(2) and futex_requeue(2): waits and wakes are
 * recorded with how they ended; results and errno are as without us.  Who is
 * moved to another word, and woken there, comes after who woke it there.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: nothing
 * events: WAIT WAKE SIGNAL
 * event: 1 WAIT futex#1 syscall
 * event: 1 WAKE futex#1 syscall EAGAIN
 * event: 1 WAIT futex#1 syscall
 * event: 1 WAKE futex#1 syscall ETIMEDOUT
 * event: 1 WAIT futex#1 syscall
 * event: 1 WAKE futex#1 syscall EINVAL
 * event: 1 SIGNAL futex#1 syscall
 * event: 1 SIGNAL futex#1 syscall
 * event: 1 SIGNAL futex#2 syscall
 * event: 1 SIGNAL futex#2 syscall
 * event: 2 WAIT futex#1 syscall
 * event: 2 WAKE futex#1 syscall
 */
#include <glib.h>

#include "futex_parts.h"
#include "in_futex.h"
#include "program.h"

static uint32_t one = 1, other;
static int there;
static long waiter_id; /* kernel's */
static long woken = -1;
static GHashTable *map;

static void *waiter(void *unused)
{
	waiter_id = syscall(SYS_gettid);
	meet(&there, 2);
	woken = parts_wait(&one, 1, ANY_OF, NULL);
	g_hash_table_add(map, &other);
	return unused;
}

int main(void)
{
	struct timespec soon = time_in_ms(CLOCK_MONOTONIC, 5);
	pthread_t t;

	FAILS(EAGAIN, parts_wait(&one, 0, ANY_OF, NULL));
	FAILS(ETIMEDOUT, parts_wait(&one, 1, ANY_OF, &soon));
	FAILS(EINVAL, parts_wait(&one, 1, 0, NULL));
	IS(0, parts_wake(&one, 1));

	map = g_hash_table_new(NULL, NULL);
	t = thread_start(waiter, NULL);
	meet(&there, 2);
	while (!is_in_futex(waiter_id))
		sched_yield();
	IS(1, parts_move(&one, &other, 1));
	g_hash_table_add(map, &one);
	IS(1, parts_wake(&other, 1));
	thread_end(t);
	IS(0, woken);
	g_hash_table_destroy(map);
	return 0;
}
