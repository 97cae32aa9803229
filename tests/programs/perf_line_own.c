/* SPDX-License-Identifier: MIT */
/*
 * Two busy locks, each with its cache line.
 *
 * expect: nothing
 */
#include "perf_line.h"

static struct {
	_Alignas(64) pthread_spinlock_t lock;
} locks[2];

int main(void)
{
	line_run(&locks[0].lock, &locks[1].lock);
	return 0;
}
