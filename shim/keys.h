/* SPDX-License-Identifier: MIT */
/*
 * Keys of map calls as numbers: equal keys, equal number (CMSHIM_KEY).
 *
 * What makes two keys equal is the map's business.  Where it is not known (a
 * hash or comparison function of the program's own) the key is left out: the
 * number of a pointer would claim that equal keys differ.
 */
#ifndef SHIM_KEYS_H
#define SHIM_KEYS_H

#include <stdbool.h>
#include <stdint.h>

enum key_kind {
	KEY_NONE,     /* the call is not about one key */
	KEY_UNKNOWN,  /* equal in ways that are not known */
	KEY_POINTER,  /* the pointer is the key */
	KEY_STRING,   /* at bytes up to a NUL */
	KEY_INT,      /* at an int */
	KEY_INT64,    /* at an int64_t */
	KEY_DOUBLE,   /* at a double */
	KEY_ITERATOR, /* no key, but an iterator's address */
	KEY_OF_TABLE, /* as the map's own hash function says, see below */
};

struct key {
	enum key_kind kind;
	const void *at;
};

/*
 * Reads what the real call is about to read.  map: of KEY_OF_TABLE.  0: no
 * key, one that is not known, or one that would take too long to read.  Else a
 * number as it is stored: four bytes of a varint, the first one lowest.
 */
uint32_t keys_code(struct key key, const volatile void *map);

/* The number that the four bytes stand for. */
static inline uint32_t keys_number(uint32_t code)
{
	return (code & 0x7f) | (code >> 8 & 0x7f) << 7 |
	       (code >> 16 & 0x7f) << 14 | (code >> 24 & 0x7f) << 21;
}

/*
 * A table was made with a hash function, which it keeps somewhere in its
 * first bytes: where, is found out here, so that of every table, whoever made
 * it, the function can be read.  NULL stands for that of pointers.
 */
void keys_learn(const void *table, const void *hash_function);

#endif
