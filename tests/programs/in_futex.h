/* SPDX-License-Identifier: MIT */
/*
 * Whether another thread surely waits, for those who are to wake it.
 */
#ifndef TESTS_IN_FUTEX_H
#define TESTS_IN_FUTEX_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/syscall.h>

#ifndef SYS_futex_wait
#define SYS_futex_wait 455 /* Linux 6.7 */
#endif

/* Whether a thread of this process is inside a call that waits on a futex. */
static inline bool is_in_futex(long thread)
{
	char path[64];
	long number = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%ld/syscall", thread);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (fscanf(f, "%ld", &number) != 1)
		number = -1; /* "running" */
	fclose(f);
	return number == SYS_futex || number == SYS_futex_waitv ||
	       number == SYS_futex_wait;
}

#endif
