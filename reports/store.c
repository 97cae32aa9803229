/* SPDX-License-Identifier: MIT */
/*
 * The arena, growing arrays and the table of store.h.
 *
 * The table is open addressing with linear probing, at most two thirds full.
 * Its hash is seeded anew in each process, because its keys come from files:
 * nobody can prepare a file whose keys all meet.  Nothing ever walks a table
 * in its own order, so the seed does not show in any output.
 */
#include "store.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spill.h"

#define BLOCK_BYTES ((size_t)64 << 10)
#define LARGE_BYTES ((size_t)4 << 20)
#define ALIGN	    _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t room, used; /* bytes, of data */
	_Alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct block *blocks; /* the first is the one being filled */
	struct arena *within, *next;
};

static _Noreturn void out_of_memory(void)
{
	fputs("cmshim: out of memory\n", stderr);
	exit(2);
}

/*
 * What may come from malloc, and what has.  The rest of the budget is for
 * pages of the file, of the trace, and for what others take.
 */
static size_t from_malloc = SIZE_MAX;
static atomic_size_t taken;
bool store_has_spilled;

void store_budget(size_t bytes)
{
	from_malloc = bytes / 2;
	spill_limit(bytes / 16 * 15);
}

const char *store_trouble(void)
{
	return spill_trouble();
}

static void touch(const char *at)
{
	char zero = 0;

	__atomic_compare_exchange_n((char *)at, &zero, 0, false,
				    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

void store_touch(const void *start, size_t bytes)
{
	enum { LEAST_PAGE = 4096 };
	const char *at = start;

	if (!at || !bytes)
		return;
	for (size_t i = 0; i < bytes; i += LEAST_PAGE)
		touch(at + i);
	touch(at + bytes - 1);
}

static void count(const void *block)
{
	taken += malloc_usable_size((void *)block);
}

static void uncount(const void *block)
{
	taken -= malloc_usable_size((void *)block);
}

static bool is_full(size_t bytes)
{
	size_t now = taken;

	return now > from_malloc || bytes > from_malloc - now;
}

/* All zero. */
static void *take(size_t bytes)
{
	void *block = is_full(bytes) ? spill_alloc(bytes) : NULL;

	if (block) {
		__atomic_store_n(&store_has_spilled, true, __ATOMIC_RELAXED);
		return block;
	}
	block = calloc(1, bytes);
	if (!block)
		out_of_memory();
	count(block);
	return block;
}

void store_free(void *block)
{
	if (spill_owns(block)) {
		spill_free(block);
		return;
	}
	uncount(block);
	free(block);
}

/* What is new is zero. */
static void *resize(void *old, size_t old_bytes, size_t bytes)
{
	bool is_spilled = spill_owns(old);
	char *block;

	/* All of it was zero once. */
	if (is_spilled && bytes <= spill_room(old))
		return old;
	if (is_spilled || is_full(bytes)) {
		block = take(bytes);
		if (old)
			memcpy(block, old, old_bytes);
		store_free(old);
		return block;
	}
	uncount(old);
	block = realloc(old, bytes);
	if (!block)
		out_of_memory();
	count(block);
	memset(block + old_bytes, 0, bytes - old_bytes);
	return block;
}

struct arena *arena_new(void)
{
	return take(sizeof(struct arena));
}

struct arena *arena_within(struct arena *mem)
{
	struct arena *within = arena_new();

	within->next = mem->within;
	mem->within = within;
	return within;
}

void arena_free(struct arena *mem)
{
	struct block *next;

	if (!mem)
		return;
	for (struct arena *w = mem->within, *after; w; w = after) {
		after = w->next;
		arena_free(w);
	}
	for (struct block *b = mem->blocks; b; b = next) {
		next = b->next;
		store_free(b);
	}
	store_free(mem);
}

static struct block *block_new(size_t room)
{
	struct block *b;

	if (room > SIZE_MAX - sizeof(*b))
		out_of_memory();
	b = take(sizeof(*b) + room);
	b->room = room;
	return b;
}

void *arena_alloc(struct arena *mem, size_t bytes)
{
	struct block *b = mem->blocks;
	void *start;

	if (bytes > SIZE_MAX - ALIGN)
		out_of_memory();
	bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;

	if (!b || b->room - b->used < bytes) {
		b = block_new(bytes > BLOCK_BYTES / 4 ? bytes : BLOCK_BYTES);
		/* A block of its own for what is large: the one being
		   filled stays in front. */
		if (mem->blocks && b->room == bytes) {
			b->next = mem->blocks->next;
			mem->blocks->next = b;
		} else {
			b->next = mem->blocks;
			mem->blocks = b;
		}
	}
	start = b->data + b->used;
	b->used += bytes;
	return start;
}

char *arena_strdup(struct arena *mem, const char *text)
{
	size_t bytes = strlen(text) + 1;

	return memcpy(arena_alloc(mem, bytes), text, bytes);
}

char *arena_printf(struct arena *mem, const char *format, ...)
{
	va_list args;
	char *made, *text;
	int n;

	va_start(args, format);
	n = vasprintf(&made, format, args);
	va_end(args);
	if (n < 0)
		out_of_memory();
	text = arena_strdup(mem, made);
	free(made);
	return text;
}

void *grow_more(void *array, size_t *room, size_t n, size_t element_bytes)
{
	size_t before = *room * element_bytes, wanted;

	if (n > SIZE_MAX / 2 / element_bytes - 8)
		out_of_memory();
	/* Some are of each of a million objects; of others there is one, and
	   it is large: the kernel moves it without copying. */
	wanted = n * element_bytes < LARGE_BYTES ? n + n / 2 + 2 : n + n / 8;

	*room = wanted;
	return resize(array, before, wanted * element_bytes);
}

void *zeroed(size_t n, size_t element_bytes)
{
	size_t bytes;

	if (__builtin_mul_overflow(n ? n : 1, element_bytes, &bytes))
		out_of_memory();
	return take(bytes);
}

/* So many are kept whatever is left. */
enum { LEAST_RECENT = 16 };

void *grow_recent(void *array, size_t *room, size_t *n, size_t element_bytes,
		  size_t most, struct allowance *left)
{
	size_t before = *room, more = (before / 2 + 9) * element_bytes;
	bool is_spent = left && *n >= LEAST_RECENT && left->bytes < more;

	if (*n < *room && *n < most)
		return array;
	if (*n >= most || is_spent) {
		size_t dropped = *n - *n / 2;

		*n /= 2;
		return memmove(array, (char *)array + dropped * element_bytes,
			       *n * element_bytes);
	}
	array = grow(array, room, *n, element_bytes);
	if (left) {
		more = (*room - before) * element_bytes;
		left->bytes -= more < left->bytes ? more : left->bytes;
	}
	return array;
}

/* Of a pair that is not (0, 0), or free. */
struct slot {
	uint64_t a, b;
	uint64_t value;
};

enum { FEW_SLOTS = 16 };

struct table {
	struct slot *slots;
	struct slot zero; /* of (0, 0) */
	bool has_zero;
	size_t mask; /* slots less one; slots are a power of two */
	size_t n;
	uint64_t seed;
};

static uint64_t process_seed(void)
{
	uint64_t seed;

	if (getentropy(&seed, sizeof(seed)) < 0)
		seed = 0x9e3779b97f4a7c15u;
	return seed;
}

struct table *table_new(void)
{
	struct table *table = take(sizeof(*table));

	table->mask = FEW_SLOTS - 1;
	table->slots = zeroed(FEW_SLOTS, sizeof(*table->slots));
	table->seed = process_seed();
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	store_free(table->slots);
	store_free(table);
}

void table_clear(struct table *table)
{
	/* In proportion to what was in it, not to what once was. */
	if (table->n < table->mask / 16) {
		store_free(table->slots);
		table->mask = FEW_SLOTS - 1;
		table->slots = zeroed(FEW_SLOTS, sizeof(*table->slots));
	} else {
		memset(table->slots, 0,
		       (table->mask + 1) * sizeof(*table->slots));
	}
	table->zero.value = 0;
	table->has_zero = false;
	table->n = 0;
}

/* The finaliser of MurmurHash3: every bit of x decides every bit of it. */
static uint64_t mixed(uint64_t x)
{
	x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdu;
	x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53u;
	return x ^ (x >> 33);
}

/* The slot of (a, b), or the free one where it would be. */
static struct slot *slot_of(const struct table *table, uint64_t a, uint64_t b)
{
	size_t i = mixed(mixed(a ^ table->seed) + b) & table->mask;
	struct slot *slot = &table->slots[i];

	if (!(a | b))
		return (struct slot *)&table->zero;
	if (store_has_spilled)
		store_touch(slot, sizeof(*slot));
	while ((slot->a | slot->b) && (slot->a != a || slot->b != b)) {
		i = (i + 1) & table->mask;
		slot = &table->slots[i];
	}
	return slot;
}

static bool is_used(const struct table *table, const struct slot *slot)
{
	return slot == &table->zero ? table->has_zero : slot->a | slot->b;
}

static void table_double(struct table *table)
{
	struct slot *old = table->slots;
	size_t n_old = table->mask + 1;

	table->slots = zeroed(n_old * 2, sizeof(*old));
	table->mask = n_old * 2 - 1;
	for (size_t i = 0; i < n_old; i++) {
		if (old[i].a | old[i].b)
			*slot_of(table, old[i].a, old[i].b) = old[i];
	}
	store_free(old);
}

uint64_t *table_at(struct table *table, uint64_t a, uint64_t b)
{
	struct slot *slot = slot_of(table, a, b);

	if (is_used(table, slot))
		return &slot->value;

	if (table->n >= table->mask / 3 * 2) {
		table_double(table);
		slot = slot_of(table, a, b);
	}
	*slot = (struct slot){ .a = a, .b = b };
	table->has_zero |= slot == &table->zero;
	table->n++;
	return &slot->value;
}

const uint64_t *table_find(const struct table *table, uint64_t a, uint64_t b)
{
	const struct slot *slot = slot_of(table, a, b);

	return is_used(table, slot) ? &slot->value : NULL;
}

size_t table_count(const struct table *table)
{
	return table->n;
}
