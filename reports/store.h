/* SPDX-License-Identifier: MIT */
/*
 * Memory of one run: an arena that is freed as a whole, and a hash table
 * from numbers to numbers.
 *
 * It takes what there is of memory until store_budget() says how much it may
 * be; what is asked for beyond comes from a file, see spill.h.
 *
 * Nothing here fails: when memory runs out the process ends with one line on
 * stderr and status 2.  Callers check sizes that come from a file against
 * the bytes that are there before they ask.
 */
#ifndef REPORTS_STORE_H
#define REPORTS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The process is to have no more than so many bytes resident, whatever is
   asked for. */
void store_budget(size_t bytes);

/* Why it has more, for people; NULL: it has not. */
const char *store_trouble(void);

/* Whether something is in the file. */
extern bool store_has_spilled;

/* Makes the pages that something, or NULL, is in such that can be written;
   changes nothing. */
void store_touch(const void *start, size_t bytes);

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *mem);
/* One more, for another thread, that is freed together with mem. */
struct arena *arena_within(struct arena *mem);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *mem, size_t bytes);
char *arena_strdup(struct arena *mem, const char *text);
char *arena_printf(struct arena *mem, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* grow() where there is no room left. */
void *grow_more(void *array, size_t *room, size_t n, size_t element_bytes);

/*
 * Makes room for one more element in an array that grows.  Returns the array,
 * moved if need be; elements past the old ones are zero.
 *
 *	list = grow(list, &room, n, sizeof(*list));
 *	list[n++] = ...;
 *
 * Room for at least n + 1 elements is there afterwards.  The array is
 * the caller's: store_free() it.
 */
static inline void *grow(void *array, size_t *room, size_t n,
			 size_t element_bytes)
{
	return n < *room ? array : grow_more(array, room, n, element_bytes);
}

/* A new array of n elements, all zero. */
void *zeroed(size_t n, size_t element_bytes);

/* An array of grow() or zeroed(), or NULL. */
void store_free(void *array);

/*
 * What arrays of one kind may take together.  When nothing is left each of
 * them makes do with what it has: it loses its older half.
 */
struct allowance {
	size_t bytes; /* left */
};

/*
 * The same, for an array that keeps what came last: `most` elements at most,
 * and fewer when the allowance, if not NULL, is used up.  Lowers *n where it
 * had to make room.
 */
void *grow_recent(void *array, size_t *room, size_t *n, size_t element_bytes,
		  size_t most, struct allowance *left);

/* A table from a pair of numbers to a number. */
struct table;

struct table *table_new(void);
void table_free(struct table *table);
/* Nothing is in it any more; room stays for about as much. */
void table_clear(struct table *table);

/*
 * The place of the value stored for (a, b), made with value 0 if it is not
 * there.  Valid until the next call with a new pair.
 */
uint64_t *table_at(struct table *table, uint64_t a, uint64_t b);

/* The same, but NULL if it is not there. */
const uint64_t *table_find(const struct table *table, uint64_t a, uint64_t b);

size_t table_count(const struct table *table);

#endif
