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

/*
 * The lines of one place are a list that begins in a line of the place's own,
 * so that what lies in a block of memory is found by its address.  The last
 * word repeats the first bits: a look may reach past the end.
 */
_Atomic uint64_t object_places[(1u << PLACE_BITS) / 64 + 1];

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

static uint64_t key_of_place(uintptr_t address)
{
	const uintptr_t within = ((uintptr_t)1 << PLACE_SHIFT) - 1;

	return object_key((const void *)(address & ~within), OBJECT_PLACE);
}

static size_t bit_of(uintptr_t address)
{
	return (address >> PLACE_SHIFT) & ((1u << PLACE_BITS) - 1);
}

/* Enters a new line in its place's list. */
static void place(uint32_t line, uint64_t key)
{
	uintptr_t address = (uintptr_t)object_address(key);
	size_t bit = bit_of(address);
	struct object *head;
	uint32_t first;

	if (object_class(key) == OBJECT_PLACE ||
	    object_class(key) == OBJECT_THREAD_HANDLE)
		return;
	head = object_find(key_of_place(address));
	if (!head)
		return;
	first = atomic_load(&head->beside);
	do
		atomic_store(&objects.lines[line].beside, first);
	while (!atomic_compare_exchange_weak(&head->beside, &first, line));

	/* Last: who sees the bit finds the line. */
	atomic_fetch_or(&object_places[bit / 64], (uint64_t)1 << bit % 64);
	if (bit < 64)
		atomic_fetch_or(&object_places[(1u << PLACE_BITS) / 64],
				(uint64_t)1 << bit);
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
		if (atomic_compare_exchange_strong(&slot->line, &line, mine)) {
			line = mine;
			place(mine, key);
		}
	}
	return &objects.lines[line];
}

static struct object *find(uint64_t key, bool add)
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

			if (!there && !add)
				return NULL;
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

struct object *object_find(uint64_t key)
{
	return find(key, true);
}

struct object *object_look_up(uint64_t key)
{
	return find(key, false);
}

/* What object_each() is asked for. */
struct search {
	uintptr_t from, end;
	void (*function)(struct object *object, void *data);
	void *data;
};

static void try_line(const struct search *s, struct object *o)
{
	enum object_class class = object_class(o->key);
	uintptr_t address = (uintptr_t)object_address(o->key);

	if (o->key && class != OBJECT_PLACE && class != OBJECT_THREAD_HANDLE &&
	    address >= s->from && address < s->end)
		s->function(o, s->data);
}

static void search_place(const struct search *s, uintptr_t address)
{
	struct object *head = find(key_of_place(address), false);
	uint32_t line = head ? atomic_load(&head->beside) : 0;

	for (; line; line = atomic_load(&objects.lines[line].beside))
		try_line(s, &objects.lines[line]);
}

/* Past this it is quicker to look at all lines. */
#define MANY_BYTES ((uintptr_t)64 << 20)

static void search_lines(const struct search *s)
{
	uint32_t n = atomic_load(objects.n);

	for (uint32_t i = 1; i <= n && i < objects.max; i++)
		try_line(s, &objects.lines[i]);
}

void object_each(uintptr_t from, uintptr_t end,
		 void (*function)(struct object *object, void *data),
		 void *data)
{
	const struct search s = { from, end, function, data };
	uintptr_t at = from & ~(((uintptr_t)1 << PLACE_SHIFT) - 1);

	if (!objects.n || from >= end)
		return;
	if (end - from > MANY_BYTES) {
		search_lines(&s);
		return;
	}
	while (at < end) {
		size_t bit = bit_of(at);
		uint64_t word = atomic_load_explicit(&object_places[bit / 64],
						     memory_order_acquire) >>
				bit % 64;
		size_t skip =
			word ? (size_t)__builtin_ctzll(word) : 64 - bit % 64;

		at += skip << PLACE_SHIFT;
		if (!word || at >= end)
			continue;
		search_place(&s, at);
		at += (uintptr_t)1 << PLACE_SHIFT;
	}
}

static void lower(struct object *o, void *lowest)
{
	uintptr_t address = (uintptr_t)object_address(o->key);

	if (atomic_load(&o->id) && address < *(uintptr_t *)lowest)
		*(uintptr_t *)lowest = address;
}

uintptr_t object_lowest(uintptr_t from, uintptr_t end)
{
	uintptr_t lowest = UINTPTR_MAX;

	object_each(from, end, lower, &lowest);
	return lowest;
}

void object_end(struct object *object, uint32_t id)
{
	if (!id || atomic_load(&object->id) != id)
		return;
	/* First: who finds no number begins the next one. */
	atomic_fetch_add(&object->generation, 1);
	atomic_compare_exchange_strong(&object->id, &id, 0);
}
