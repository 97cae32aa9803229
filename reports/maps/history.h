/* SPDX-License-Identifier: MIT */
/*
 * Who used one map last: what a new access has to be ordered after.
 *
 * Until the first two accesses that nothing orders, the last write was after
 * all before it; so that write and the reads since are enough to find them
 * (FastTrack, PLDI 2009).
 */
#ifndef REPORTS_HISTORY_H
#define REPORTS_HISTORY_H

#include "maps/writes.h"
#include "world/order.h"

struct access {
	struct site site;
	uint64_t number; /* of the write; of a read: of the one before it */
	bool is_write;
	uint32_t callback; /* in one of what this call has made; 0: none */
};

/* An access and when it was over. */
struct entry {
	struct access access;
	struct epoch at; /* slot 0: there is none */
};

/* Of a slot; see order.h. */
struct seen {
	uint32_t count; /* of its last access; 0: none */
	uint32_t read;	/* where in the list of reads, if it is there */
};

struct history {
	uint32_t last_slot; /* of the last access; 0: there was none */
	uint32_t last_count;
	bool was_write;	     /* the last access */
	struct entry write;  /* the last */
	struct entry read;   /* the last since then, if it came after all others
				since then */
	struct entry *reads; /* else: the last of each slot */
	size_t n_reads, room_reads;
	struct seen *seen; /* by slot, but for the last access; NULL: there was
			      only one slot */
	size_t room_seen;
};

/* Forgets what was done; zeroed is the same. */
void history_reset(struct history *h);
void history_release(struct history *h);

/* Whether only this slot has used the map. */
static inline bool history_is_of(const struct history *h, uint32_t slot)
{
	return !h->seen && (h->last_slot == slot || !h->last_slot);
}

/*
 * An entry that conflicts with a new access and is not known to it, or NULL.
 */
const struct entry *history_conflict(const struct history *h,
				     const struct instant *now,
				     enum order_set set, bool is_write);

/* The last write by another slot; for a write also a read; or NULL. */
const struct entry *history_other(const struct history *h, uint32_t slot,
				  bool is_write);

/* Whether all that was done to the map is known. */
bool history_is_known(const struct history *h, const struct instant *now,
		      enum order_set set);

void history_add(struct history *h, const struct access *access,
		 const struct instant *now);

#endif
