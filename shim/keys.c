/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "real.h"

/* A longer string's number would cost more than the call on it. */
#define MAX_STRING 256

/*
 * The function stands in the first eight words of a GHashTable, as far as one
 * is surely long (glib 2.56: word 6, 2.74: word 7); no word before it can be
 * the address of a function.
 */
#define MAX_WORDS 8

static _Atomic uint32_t hash_word; /* its place; 0: not known yet */

static uint64_t number_of(uint64_t n)
{
	/* 28 bits: four bytes as a varint.  0 stands for no key. */
	return ((n * 0x9e3779b97f4a7c15u) >> 36) | 1;
}

static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0xff51afd7ed558ccdu;
	return h ^ h >> 32;
}

static uint64_t number_of_string(const char *s)
{
	size_t n = s ? strnlen(s, MAX_STRING) : MAX_STRING;
	uint64_t h = n, word = 0;

	if (n == MAX_STRING)
		return 0;
	for (; n >= sizeof(word); n -= sizeof(word), s += sizeof(word)) {
		memcpy(&word, s, sizeof(word));
		h = mix(h, word);
	}
	word = 0;
	memcpy(&word, s, n);
	return number_of(mix(h, word));
}

static uint64_t number_of_double(const void *at)
{
	double d;
	uint64_t bits;

	memcpy(&d, at, sizeof(d));
	d += 0.0; /* -0.0 equals 0.0 */
	memcpy(&bits, &d, sizeof(bits));
	return number_of(mix(0, bits));
}

static uint64_t number_of_bytes(const void *at, size_t n)
{
	uint64_t word = 0;

	memcpy(&word, at, n);
	return number_of(mix(0, word));
}

static enum key_kind kind_of_table(const volatile void *table)
{
	uint32_t word = atomic_load_explicit(&hash_word, memory_order_relaxed);

	if (!word || !table)
		return KEY_NONE;
	return real_key_kind(((const void *const volatile *)table)[word]);
}

uint64_t keys_number(const struct key *key, const volatile void *map)
{
	enum key_kind kind = key->kind;

	if (kind == KEY_OF_TABLE)
		kind = kind_of_table(map);
	switch (kind) {
	case KEY_POINTER:
	case KEY_ITERATOR:
		return number_of((uint64_t)(uintptr_t)key->at);
	case KEY_STRING:
		return number_of_string(key->at);
	case KEY_INT:
		return number_of_bytes(key->at, sizeof(int));
	case KEY_INT64:
		return number_of_bytes(key->at, sizeof(int64_t));
	case KEY_DOUBLE:
		return number_of_double(key->at);
	case KEY_NONE:
	case KEY_UNKNOWN:
	case KEY_OF_TABLE:
		break;
	}
	return 0;
}

void keys_learn(const void *table, const void *hash_function)
{
	const void *const *words = table;

	if (!table || atomic_load_explicit(&hash_word, memory_order_relaxed))
		return;
	for (uint32_t i = 1; i < MAX_WORDS; i++)
		if (hash_function ? words[i] == hash_function
				  : real_key_kind(words[i]) == KEY_POINTER) {
			atomic_store(&hash_word, i);
			return;
		}
}
