/* SPDX-License-Identifier: MIT */
/*
 * A program that brings its own malloc, which locks: before main, in every
 * thread, and inside whatever else allocates.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "program.h"

#define POOL_BYTES (64u << 20)

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static _Alignas(16) char pool[POOL_BYTES];
static size_t used;

/* Gives out and never takes back: enough for a program of this size. */
static void *take(size_t bytes, size_t align)
{
	char *at = NULL;

	pthread_mutex_lock(&m);
	used = (used + align - 1) & ~(align - 1);
	if (bytes <= POOL_BYTES - 16 - used) {
		at = pool + used + 16;
		used += 16 + ((bytes + 15) & ~(size_t)15);
		if (align > 16)
			at = (char *)(((uintptr_t)at + align - 1) &
				      ~(uintptr_t)(align - 1));
		used += align > 16 ? align : 0;
		memcpy(at - 16, &bytes, sizeof(bytes));
	}
	pthread_mutex_unlock(&m);
	if (!at)
		errno = ENOMEM;
	return at;
}

void *malloc(size_t bytes)
{
	return take(bytes, 16);
}

void free(void *p)
{
	(void)p;
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
}

void *calloc(size_t n, size_t bytes)
{
	return take(n * bytes, 16); /* the pool is zero, and used once */
}

void *realloc(void *p, size_t bytes)
{
	char *to = (char *)take(bytes, 16);
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

int posix_memalign(void **p, size_t align, size_t bytes)
{
	*p = memalign(align, bytes);
	return *p ? 0 : ENOMEM;
}

static void *body(void *unused)
{
	for (int i = 0; i < 1000; i++) {
		char *p = strdup("text");

		must(p && strcmp(p, "text") == 0, "copy");
		free(p);
	}
	return unused;
}

int main(void)
{
	pthread_t t[4];

	for (int i = 0; i < 4; i++)
		t[i] = thread_start(body, NULL);
	for (int i = 0; i < 4; i++)
		thread_end(t[i]);
	printf("done\n");
	return 0;
}
