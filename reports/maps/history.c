/* SPDX-License-Identifier: MIT */
/*
 * Most maps are of one thread, or locked: then the reads come one after the
 * other as well, and two entries are all.  Else there is a list of reads,
 * found by slot and forgotten with the next write, so that a map that is read
 * only costs no more for each thread that reads it.
 */
#include "maps/history.h"

#include <stdlib.h>

#include "store.h"

void history_release(struct history *h)
{
	store_free(h->reads);
	store_free(h->seen);
	*h = (struct history){ .room_seen = 0 };
}

void history_reset(struct history *h)
{
	history_release(h);
}

static bool is_unknown(const struct entry *e, const struct instant *now,
		       enum order_set set)
{
	return e->at.slot && !instant_knows(now, set, e->at);
}

const struct entry *history_conflict(const struct history *h,
				     const struct instant *now,
				     enum order_set set, bool is_write)
{
	/* What this slot did last was after all that matters, or was found
	   not to be. */
	if (h->last_slot == now->at.slot && (h->was_write || !is_write))
		return NULL;
	if (is_unknown(&h->write, now, set))
		return &h->write;
	if (!is_write)
		return NULL;
	if (is_unknown(&h->read, now, set))
		return &h->read;
	for (size_t i = 0; i < h->n_reads; i++)
		if (is_unknown(&h->reads[i], now, set))
			return &h->reads[i];
	return NULL;
}

const struct entry *history_other(const struct history *h, uint32_t slot,
				  bool is_write)
{
	if (h->write.at.slot && h->write.at.slot != slot)
		return &h->write;
	if (!is_write)
		return NULL;
	if (h->read.at.slot && h->read.at.slot != slot)
		return &h->read;
	for (size_t i = 0; i < h->n_reads; i++)
		if (h->reads[i].at.slot != slot)
			return &h->reads[i];
	return NULL;
}

bool history_is_known(const struct history *h, const struct instant *now,
		      enum order_set set)
{
	struct epoch last = { .slot = h->last_slot, .count = h->last_count };

	/* Most often it is the last one that is not known. */
	if (!last.slot)
		return true;
	if (!instant_knows(now, set, last))
		return false;
	for (uint32_t i = 1; i < h->room_seen; i++) {
		struct epoch e = { .slot = i, .count = h->seen[i].count };

		if (e.count && !instant_knows(now, set, e))
			return false;
	}
	return true;
}

static struct seen *seen_at(struct history *h, uint32_t slot)
{
	while (slot >= h->room_seen)
		h->seen = grow(h->seen, &h->room_seen, slot, sizeof(*h->seen));
	return &h->seen[slot];
}

static void list_read(struct history *h, const struct access *access,
		      struct epoch at)
{
	struct seen *seen = seen_at(h, at.slot);

	if (seen->read >= h->n_reads ||
	    h->reads[seen->read].at.slot != at.slot) {
		h->reads = grow(h->reads, &h->room_reads, h->n_reads,
				sizeof(*h->reads));
		seen->read = (uint32_t)h->n_reads++;
	}
	h->reads[seen->read] = (struct entry){ .access = *access, .at = at };
}

/* Who comes after one that came after all others comes after all. */
static void add_read(struct history *h, const struct access *access,
		     const struct instant *now)
{
	if (!h->n_reads && !is_unknown(&h->read, now, ORDER_ALL) &&
	    !is_unknown(&h->read, now, ORDER_NO_SIGNALS)) {
		h->read.access = *access;
		h->read.at = now->at;
		return;
	}
	if (h->read.at.slot)
		list_read(h, &h->read.access, h->read.at);
	h->read.at.slot = 0;
	list_read(h, access, now->at);
}

void history_add(struct history *h, const struct access *access,
		 const struct instant *now)
{
	uint32_t slot = now->at.slot;

	if (h->last_slot && h->last_slot != slot)
		seen_at(h, h->last_slot)->count = h->last_count;
	h->last_slot = slot;
	h->last_count = now->at.count;
	h->was_write = access->is_write;
	if (access->is_write) {
		h->write.access = *access;
		h->write.at = now->at;
		h->read.at.slot = 0;
		h->n_reads = 0;
	} else {
		add_read(h, access, now);
	}
}
