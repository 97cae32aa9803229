/* SPDX-License-Identifier: MIT */
/*
 * For programs that start themselves again: what the second one does.
 */
#ifndef TESTS_AGAIN_H
#define TESTS_AGAIN_H

#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "program.h"

static pthread_mutex_t again_lock = PTHREAD_MUTEX_INITIALIZER;

static inline void *again_body(void *unused)
{
	for (int i = 0; i < 100; i++) {
		pthread_mutex_lock(&again_lock);
		pthread_mutex_unlock(&again_lock);
	}
	return unused;
}

/* In the second program, ends it with status 7. */
static inline void again_second(int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "again") != 0)
		return;
	thread_end(thread_start(again_body, NULL));
	again_body(NULL);
	printf("second\n");
	exit(7);
}

static inline void again_expect(pid_t pid, int expected)
{
	int status;

	must(waitpid(pid, &status, 0) == pid, "wait for it");
	IS(1, WIFEXITED(status));
	IS(expected, WEXITSTATUS(status));
}

#endif
