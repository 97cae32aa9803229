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

static uint32_t code_of(uint64_t n)
{
	const uint32_t hash = (uint32_t)((n * 0x9e3779b97f4a7c15u) >> 32);

	/* The first three say that a byte follows; the last one is not 0. */
	return (hash & 0x7f7f7f7f) | 0x40808080;
}

static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0xff51afd7ed558ccdu;
	return h ^ h >> 32;
}

static uint32_t code_of_string(const char *s)
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
	return code_of(mix(h, word));
}

static uint32_t code_of_double(const void *at)
{
	double d;
	uint64_t bits;

	memcpy(&d, at, sizeof(d));
	d += 0.0; /* -0.0 equals 0.0 */
	memcpy(&bits, &d, sizeof(bits));
	return code_of(mix(0, bits));
}

static uint32_t code_of_bytes(const void *at, size_t n)
{
	uint64_t word = 0;

	memcpy(&word, at, n);
	return code_of(mix(0, word));
}

static enum key_kind kind_of_table(const volatile void *table)
{
	uint32_t word = atomic_load_explicit(&hash_word, memory_order_relaxed);

	if (!word || !table)
		return KEY_NONE;
	return real_key_kind(((const void *const volatile *)table)[word]);
}

__attribute__((noinline)) static uint32_t code_at(enum key_kind kind,
						  const void *at)
{
	switch (kind) {
	case KEY_STRING:
		return code_of_string(at);
	case KEY_INT:
		return code_of_bytes(at, sizeof(int));
	case KEY_INT64:
		return code_of_bytes(at, sizeof(int64_t));
	case KEY_DOUBLE:
		return code_of_double(at);
	default:
		return 0;
	}
}

uint32_t keys_code(struct key key, const volatile void *map)
{
	enum key_kind kind = key.kind;

	if (kind == KEY_OF_TABLE)
		kind = kind_of_table(map);
	if (kind == KEY_POINTER || kind == KEY_ITERATOR)
		return code_of((uint64_t)(uintptr_t)key.at);
	return code_at(kind, key.at);
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
