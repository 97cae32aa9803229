/* SPDX-License-Identifier: MIT */
/*
 * A malloc that registers its handlers for fork when it is first called, as
 * jemalloc does: before any library's constructor.  Its handlers are the last
 * to prepare, and the first in the child, where they make locks anew.
 *
 * traces: 2
 * expect: nothing
 */
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>

#include "program.h"

#define POOL_BYTES (16u << 20)

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static _Alignas(16) char pool[POOL_BYTES];
static size_t used;
static int registered;

static void prepare(void)
{
	pthread_mutex_lock(&m);
}

static void parent(void)
{
	pthread_mutex_unlock(&m);
}

static void child(void)
{
	pthread_mutex_init(&m, NULL);
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
}

/* Gives out and never takes back: enough for a program of this size. */
void *malloc(size_t bytes)
{
	char *at = NULL;

	if (!registered) {
		registered = 1;
		pthread_atfork(prepare, parent, child);
	}
	pthread_mutex_lock(&m);
	if (bytes <= POOL_BYTES - 32 - used) {
		at = pool + used + 16;
		memcpy(at - 16, &bytes, sizeof(bytes));
		used += 16 + ((bytes + 15) & ~(size_t)15);
	}
	pthread_mutex_unlock(&m);
	return at;
}

void free(void *p)
{
	(void)p;
}

void *calloc(size_t n, size_t bytes)
{
	return malloc(n * bytes); /* the pool is zero, and used once */
}

void *realloc(void *p, size_t bytes)
{
	char *to = malloc(bytes);
	size_t old = 0;

	if (p && to) {
		memcpy(&old, (char *)p - 16, sizeof(old));
		memcpy(to, p, old < bytes ? old : bytes);
	}
	return to;
}

int main(void)
{
	pid_t pid;
	int status;

	free(malloc(1));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		char *copy = strdup("text");

		must(copy && strcmp(copy, "text") == 0, "copy");
		return 5;
	}
	must(waitpid(pid, &status, 0) == pid, "wait");
	IS(5, WEXITSTATUS(status));
	return 0;
}
