/* SPDX-License-Identifier: MIT */
/*
 * Which locks guard one map: those held at every access while it is shared
 * (Eraser, SOSP 1997), and how often each place that uses it holds which.
 */
#ifndef REPORTS_GUARDS_H
#define REPORTS_GUARDS_H

#include "maps/history.h"
#include "world/lockset.h"

/* A lock held at all accesses so far. */
struct candidate {
	uint32_t lock;
	bool is_guard; /* exclusively at all writes */
};

/* Accesses from one place with the same locks: a hash of that. */
struct use {
	uint32_t hash;
	uint32_t n; /* UINT32_MAX: that or more */
};

enum {
	MAX_CANDIDATE_LOCKS = 8,
	MAX_USES = 64,
	FIRST_KEYS = 4,
	MAX_KEYS = 64, /* FIRST_KEYS, doubled some times */
};

/* The locks that are held at every access of one key. */
struct key_guard {
	uint64_t key; /* 0: none */
	uint64_t n;
	uint32_t n_locks;
	uint32_t locks[4];
};

struct guards {
	uint32_t n_candidates;
	uint32_t slot;	/* that all accesses are of; 0: of several */
	bool is_begun;	/* there was an access: no candidates is none at all */
	bool is_unsure; /* there were more locks than are kept */
	bool is_written;
	bool has_guard; /* one of the candidates is */
	/* Of the last read and the last write that the candidates were narrowed
	   by, lockset's number and 1: the same again narrows no further. */
	uint32_t narrowed_by[2];
	struct candidate candidates[MAX_CANDIDATE_LOCKS];

	/* Of all phases: */
	bool is_not_by_key; /* some key, or a call without, has no lock */
	uint32_t n_uses;
	struct use *uses;	 /* MAX_USES at most */
	struct access *examples; /* of each of them */
	size_t room_uses, room_examples;
	uint64_t n_more;	/* accesses of which the place is not kept */
	struct key_guard *keys; /* from when no lock guarded the map, while it
				   may be by key; a hash table */
	uint32_t room_keys;	/* a power of two */
};

void guards_release(struct guards *g);

/* Another phase: what was held before does not count. */
void guards_begin(struct guards *g);

/*
 * An access by a thread that holds what the world says.  Key is 0 if it is not
 * of one key.
 */
void guards_use(struct guards *g, const struct access *access, uint32_t slot,
		uint64_t key, const struct world *world);

/* Whether several threads, and a write, had no lock in common. */
bool guards_are_missing(const struct guards *g);

/* Whether some lock was held at all accesses, but at writes only shared. */
bool guards_are_shared(const struct guards *g);

/* Whether each key has a lock of its own, and not all the same. */
bool guards_are_by_key(const struct guards *g);

#endif
