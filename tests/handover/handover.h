/* SPDX-License-Identifier: MIT */
/*
 * What the programs of this folder have in common.  In each, one thread gives
 * and another takes, by one means after the other, each numbered.
 *
 * The giver adds to a tree (tsearch(3): the recorder sees it) and hands over;
 * the taker looks into it: what is recorded of the hand-over has to order the
 * two.  With the argument "apart" the giver adds after it has handed over, and
 * the two are kept from overlapping by atomic variables only, which nobody
 * sees: then nothing recorded may order them.  run.sh has both checked.
 */
#ifndef TESTS_HANDOVER_H
#define TESTS_HANDOVER_H

#include <sched.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST_STEPS 64

static void *trees[MOST_STEPS];
static int has_added[MOST_STEPS];
static int has_given[MOST_STEPS];
static int has_taken[MOST_STEPS];
static int apart, steps_taken;

static inline int compare_keys(const void *a, const void *b)
{
	return (a > b) - (a < b);
}

static inline void set(int *flag)
{
	__atomic_store_n(flag, 1, __ATOMIC_RELEASE);
}

static inline void until(const int *flag)
{
	while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE))
		sched_yield();
}

static inline void add(int step)
{
	tsearch(&trees[step], &trees[step], compare_keys);
	set(&has_added[step]);
}

/* Around what gives; the next step begins when this one has been taken. */
static inline void before_giving(int step)
{
	if (!apart)
		add(step);
}

static inline void after_giving(int step)
{
	if (apart && !has_added[step])
		add(step);
	set(&has_given[step]);
	until(&has_taken[step]);
}

/* For what does not wait for the giver itself: before it takes. */
static inline void until_given(int step)
{
	until(apart ? &has_added[step] : &has_given[step]);
}

/* After what takes. */
static inline void after_taking(int step)
{
	until(&has_added[step]);
	if (!tfind(&trees[step], &trees[step], compare_keys)) {
		printf("step %d: not there\n", step);
		exit(99);
	}
	__atomic_add_fetch(&steps_taken, 1, __ATOMIC_RELAXED);
	set(&has_taken[step]);
}

static inline void begin(int argc, char **argv)
{
	(void)argv;
	apart = argc > 1;
}

/* Prints what is compared between the runs. */
static inline int end(int steps)
{
	printf("%d of %d\n", steps_taken, steps);
	return steps_taken == steps ? 0 : 99;
}

#endif
