/* SPDX-License-Identifier: MIT */
/*
 * Most maps are of one thread: theirs is two entries.  With the second thread
 * comes a list by slot.  Reads are in a list of their own, found by slot and
 * forgotten with the next write, so that a map that is read only costs no
 * more for each thread that reads it.
 */
#include "history.h"

#include <stdlib.h>

#include "store.h"

void history_release(struct history *h)
{
	free(h->reads);
	free(h->seen);
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
	struct epoch last = { .slot = h->last_slot };

	if (!h->last_slot)
		return true;
	if (!h->seen) {
		last.count = h->write.at.count > h->read.at.count
				     ? h->write.at.count
				     : h->read.at.count;
		return instant_knows(now, set, last);
	}
	/* Most often it is the last one that is not known. */
	last.count = h->seen[last.slot].count;
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

static void add_read(struct history *h, const struct entry *new)
{
	struct seen *seen = seen_at(h, new->at.slot);

	if (seen->read >= h->n_reads ||
	    h->reads[seen->read].at.slot != new->at.slot) {
		h->reads = grow(h->reads, &h->room_reads, h->n_reads,
				sizeof(*h->reads));
		seen->read = (uint32_t)h->n_reads++;
	}
	h->reads[seen->read] = *new;
}

/* The second slot has come. */
static void share(struct history *h)
{
	uint32_t slot = h->last_slot;
	uint32_t write = h->write.at.count, read = h->read.at.count;

	seen_at(h, slot)->count = write > read ? write : read;
	if (h->read.at.slot)
		add_read(h, &h->read);
	h->read.at.slot = 0;
}

void history_add(struct history *h, const struct entry *new)
{
	uint32_t slot = new->at.slot;

	if (h->last_slot && !h->seen && h->last_slot != slot)
		share(h);
	h->last_slot = slot;
	h->was_write = new->access.is_write;
	if (h->seen)
		seen_at(h, slot)->count = new->at.count;
	if (new->access.is_write) {
		h->write = *new;
		h->read.at = (struct epoch){ .slot = 0 };
		h->n_reads = 0;
	} else if (h->seen) {
		add_read(h, new);
	} else {
		h->read = *new;
	}
}
