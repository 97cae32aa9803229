/* SPDX-License-Identifier: MIT */
/*
 * A program whose malloc makes a thread of its own, as jemalloc's does, at the
 * first call: that is the loader's, before the recording begins.  What that
 * thread takes then is not seen, but what it releases later is.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static atomic_bool was_begun;
static bool is_waiting, is_over; /* under m */
static pthread_t helper;

static void *help(void *unused)
{
	pthread_mutex_lock(&m);
	is_waiting = true;
	while (!is_over)
		pthread_cond_wait(&wake, &m);
	pthread_mutex_unlock(&m);
	return unused;
}

static _Alignas(16) char pool[16u << 20];
static atomic_size_t used;

/* Gives out and never takes back: enough for a program of this size. */
static void *take(size_t bytes, size_t align)
{
	size_t room = 16 + ((bytes + align + 15) & ~(size_t)15);
	uintptr_t at = (uintptr_t)pool + 16 + atomic_fetch_add(&used, room);

	at = (at + align - 1) & ~(uintptr_t)(align - 1);
	if (at + bytes > (uintptr_t)pool + sizeof(pool))
		return NULL;
	memcpy((char *)at - 16, &bytes, sizeof(bytes));
	if (!atomic_exchange(&was_begun, true))
		pthread_create(&helper, NULL, help, NULL);
	return (void *)at;
}

void *malloc(size_t bytes)
{
	return take(bytes, 16);
}

void free(void *p)
{
	(void)p;
}

void *calloc(size_t n, size_t bytes)
{
	return take(n * bytes, 16); /* the pool is zero, and used once */
}

void *realloc(void *p, size_t bytes)
{
	char *to = take(bytes, 16);
	size_t old = 0;

	if (p && to) {
		memcpy(&old, (char *)p - 16, sizeof(old));
		memcpy(to, p, old < bytes ? old : bytes);
	}
	return to;
}

void *memalign(size_t align, size_t bytes);
void *memalign(size_t align, size_t bytes)
{
	return take(bytes, align < 16 ? 16 : align);
}

void *aligned_alloc(size_t align, size_t bytes)
{
	return memalign(align, bytes);
}

int main(void)
{
	bool waits = false;

	/* Without the shim nothing may have allocated yet. */
	must(malloc(1) != NULL, "allocate");
	while (!waits) {
		pthread_mutex_lock(&m);
		waits = is_waiting;
		pthread_mutex_unlock(&m);
	}
	pthread_mutex_lock(&m);
	is_over = true;
	pthread_cond_signal(&wake);
	pthread_mutex_unlock(&m);
	pthread_join(helper, NULL);
	printf("done\n");
	return 0;
}
