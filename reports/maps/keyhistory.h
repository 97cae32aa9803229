/* SPDX-License-Identifier: MIT */
/*
 * Who wrote a key of a map last: of the last writer and of the last other
 * one, their last write.
 *
 * A fixed number of lines, each of one key at a time: a key that another one
 * has driven out has no history.  Key 0 stands for all keys of a map.
 */
#ifndef REPORTS_KEYHISTORY_H
#define REPORTS_KEYHISTORY_H

#include "maps/writes.h"
#include "store.h"
#include "world/hardorder.h"

struct key_write {
	struct site site; /* thread 0: none */
	uint64_t seq;
	struct moment moment;
	bool is_put;
};

struct key_line {
	uint64_t key;
	uint32_t map;
	uint32_t pair; /* the user's own; 0: none */
	struct key_write last[2];
	struct site acted; /* the user's own */
	struct moment acted_at;
};

struct keyhistory;

struct keyhistory *keyhistory_new(struct arena *mem);

/* It will be asked for soon: see fetch.h. */
void keyhistory_soon(const struct keyhistory *h, uint32_t map, uint64_t key);

/* The key's line; empty if it had none.  Valid until the next call. */
struct key_line *keyhistory_at(struct keyhistory *h, uint32_t map,
			       uint64_t key);

void keyhistory_add(struct key_line *line, const struct key_write *write);

/* The last write by another thread, numbered in (after, before); or NULL. */
const struct key_write *keyhistory_between(const struct key_line *line,
					   uint32_t thread, uint64_t after,
					   uint64_t before);

#endif
