/* SPDX-License-Identifier: MIT */
/*
 * Lines are given out one after the other, so that the memory touched grows
 * with the number of objects.  An index leads from keys to lines: a few hash
 * tables, each larger than the one before, of which a key may stand in a
 * window of each.  A search ends at the first free place, and places are never
 * freed, so finding and adding agree without a lock; a program with few locks
 * touches the first table only.
 */
#include "object.h"

#include <stddef.h>
#include <sys/resource.h>

#include "sys.h"

#define FIRST_BITS 12
#define STEP_BITS  3 /* a table is eight times the one before */
#define N_TABLES   4
#define WINDOW	   8

struct slot {
	_Atomic uint64_t key;
	_Atomic uint32_t line; /* 0: not given yet */
};

/* Kept across fork.  What the pointers lead to is zeroed there, which is a
   table of nothing. */
static struct {
	_Atomic uint32_t *n;
	uint32_t max;
	int n_tables;
	struct slot *slots; /* of all tables, one behind the other */
	struct object *lines;
} objects;

static size_t slots_of(int n_tables)
{
	size_t n = 0;

	for (int i = 0; i < n_tables; i++)
		n += (size_t)1 << (FIRST_BITS + i * STEP_BITS);
	return n;
}

bool object_begin(void)
{
	struct rlimit limit;

	if (objects.n)
		return true;

	/* 100 MiB of address space, touched as used; little of it where the
	   program's own is limited. */
	objects.n_tables = N_TABLES;
	if (sys_call4(SYS_prlimit64, 0, RLIMIT_AS, NULL, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY)
		objects.n_tables = N_TABLES / 2;
	objects.max = (uint32_t)slots_of(objects.n_tables) / 2;
	objects.slots =
		sys_memory(slots_of(objects.n_tables) * sizeof(struct slot), 1);
	objects.lines = sys_memory(objects.max * sizeof(struct object), 1);
	if (objects.slots && objects.lines)
		objects.n = sys_memory(sizeof(*objects.n), 1);
	return objects.n != NULL;
}

/* The line of a slot whose key is set, giving it one if nobody has. */
static struct object *line_of(struct slot *slot, uint64_t key)
{
	uint32_t line = atomic_load_explicit(&slot->line, memory_order_acquire);

	if (!line) {
		uint32_t mine;

		/* Looked at first: the count must not come round to 0. */
		if (atomic_load_explicit(objects.n, memory_order_relaxed) >=
		    objects.max)
			return NULL;
		mine = 1 + atomic_fetch_add_explicit(objects.n, 1,
						     memory_order_relaxed);
		if (mine >= objects.max)
			return NULL;
		objects.lines[mine].key = key;
		/* Whoever comes second leaves its line unused. */
		if (atomic_compare_exchange_strong(&slot->line, &line, mine))
			line = mine;
	}
	return &objects.lines[line];
}

struct object *object_find(uint64_t key)
{
	uint64_t hash = key * 0x9e3779b97f4a7c15u;
	struct slot *table = objects.slots;

	for (int i = 0; i < objects.n_tables; i++) {
		int bits = FIRST_BITS + i * STEP_BITS;
		size_t mask = ((size_t)1 << bits) - 1;
		size_t at = hash >> (64 - bits);

		for (int probe = 0; probe < WINDOW; probe++) {
			struct slot *slot = &table[(at + probe) & mask];
			uint64_t there = atomic_load_explicit(
				&slot->key, memory_order_acquire);

			if (!there)
				atomic_compare_exchange_strong(&slot->key,
							       &there, key);
			if (!there || there == key)
				return line_of(slot, key);
		}
		table += mask + 1;
	}
	return NULL;
}
