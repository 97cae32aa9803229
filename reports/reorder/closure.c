/* SPDX-License-Identifier: MIT */
/*
 * See closure.h.  Of a thread's events only some pull others in; these are its
 * steps.  The closure is a number of events for each thread; what it grows by
 * is gone through once, however long the search.
 */
#include "reorder/closure.h"

#include <stdlib.h>

#include "store.h"

enum step_kind {
	STEP_AFTER, /* a join: .other has done .n events */
	STEP_READ,  /* the same, if what reads saw is kept */
	STEP_START, /* the same, and the thread cannot be here without */
	STEP_ACQUIRE,
	STEP_ACQUIRE_SHARED,
};

struct step {
	uint32_t pos; /* of the event in its thread */
	uint32_t kind;
	uint32_t other; /* the thread; the lock */
	uint32_t n;	/* events; of an acquire: until its release */
	uint32_t event; /* an acquire's number in the trace */
};

struct part {
	struct step *steps;
	size_t n_steps, room;
	size_t next;	/* the first step that is not in the closure */
	uint32_t n;	/* events in it */
	bool is_queued; /* there may be steps to take */
	bool is_touched;
	bool is_base; /* it held a lock before the trace */
};

/* An acquire in the closure whose release need not be. */
struct open {
	uint32_t thread, event, until;
	uint32_t next; /* of a lock's readers; index of .readers, 0: none */
};

/* Of the acquires of a lock in the closure: */
struct last {
	uint64_t search;    /* that of which this is true */
	struct open writer; /* the last exclusive one */
	bool has_writer;
	uint32_t first_reader; /* those after it, one for each thread */
};

struct closure {
	uint32_t n_threads;
	struct part *parts; /* [thread] */
	size_t room_parts;
	struct last *lasts; /* [lock] */
	size_t n_lasts, room_lasts;
	struct open *readers; /* from 1 */
	size_t n_readers, room_readers;
	uint32_t *queue; /* threads; room for all */
	size_t n_queued;
	uint32_t *touched; /* threads with something in the closure */
	size_t n_touched;
	size_t room_threads; /* of these two */
	uint32_t *base;
	size_t n_base, room_base;
	struct table *known; /* (thread, other), reads: how much is pulled */
	size_t at[MAX_CHOICES];
	bool drops_reads;
	uint64_t search; /* how many there were */
	uint64_t steps;
};

struct closure *closure_new(void)
{
	struct closure *closure = zeroed(1, sizeof(*closure));

	closure->known = table_new();
	closure->n_readers = 1;
	return closure;
}

void closure_add_thread(struct closure *closure, uint32_t thread)
{
	while (closure->n_threads <= thread) {
		closure->parts =
			grow(closure->parts, &closure->room_parts,
			     closure->n_threads, sizeof(*closure->parts));
		closure->parts[closure->n_threads++] = (struct part){ 0 };
	}
	if (closure->room_threads >= closure->room_parts)
		return;
	closure->room_threads = closure->room_parts;
	store_free(closure->queue);
	store_free(closure->touched);
	closure->queue = zeroed(closure->room_threads, sizeof(uint32_t));
	closure->touched = zeroed(closure->room_threads, sizeof(uint32_t));
}

static size_t add_step(struct closure *closure, uint32_t thread,
		       const struct step *step)
{
	struct part *part;

	closure_add_thread(closure, thread);
	part = &closure->parts[thread];
	part->steps = grow(part->steps, &part->room, part->n_steps,
			   sizeof(*part->steps));
	part->steps[part->n_steps] = *step;
	return part->n_steps++;
}

/* Not if an earlier step of the thread pulls as much of the other in. */
static void add_after(struct closure *closure, uint32_t thread,
		      const struct step *step)
{
	uint64_t *n;

	if (step->other == thread || step->n == 0)
		return;
	n = table_at(closure->known, (uint64_t)thread << 32 | step->other,
		     step->kind == STEP_READ);
	if (*n >= step->n)
		return;
	*n = step->n;
	closure_add_thread(closure, step->other);
	add_step(closure, thread, step);
}

void closure_add_after(struct closure *closure, uint32_t thread, uint32_t pos,
		       uint32_t other, uint32_t n)
{
	add_after(closure, thread,
		  &(struct step){ pos, STEP_AFTER, other, n, 0 });
}

void closure_add_start(struct closure *closure, uint32_t thread, uint32_t pos,
		       uint32_t other, uint32_t n)
{
	add_after(closure, thread,
		  &(struct step){ pos, STEP_START, other, n, 0 });
}

void closure_add_read(struct closure *closure, uint32_t thread, uint32_t pos,
		      uint32_t other, uint32_t n)
{
	add_after(closure, thread,
		  &(struct step){ pos, STEP_READ, other, n, 0 });
}

size_t closure_add_acquire(struct closure *closure, uint32_t thread,
			   uint32_t pos, const struct acquired *acquired)
{
	struct step step = {
		.pos = pos,
		.kind = acquired->is_shared ? STEP_ACQUIRE_SHARED
					    : STEP_ACQUIRE,
		.other = acquired->lock,
		.n = acquired->until,
		.event = acquired->event,
	};
	size_t place = add_step(closure, thread, &step);
	struct part *part = &closure->parts[thread];

	while (closure->n_lasts <= acquired->lock) {
		closure->lasts =
			grow(closure->lasts, &closure->room_lasts,
			     closure->n_lasts, sizeof(*closure->lasts));
		closure->lasts[closure->n_lasts++] = (struct last){ 0 };
	}
	if (pos == 0 && !part->is_base) {
		part->is_base = true;
		closure->base = grow(closure->base, &closure->room_base,
				     closure->n_base, sizeof(*closure->base));
		closure->base[closure->n_base++] = thread;
	}
	return place;
}

void closure_set_until(struct closure *closure, uint32_t thread, size_t acquire,
		       uint32_t until)
{
	closure->parts[thread].steps[acquire].n = until;
}

void closure_keep_reads(struct closure *closure, bool keep)
{
	closure->drops_reads = !keep;
}

void closure_free(struct closure *closure)
{
	for (uint32_t i = 0; i < closure->n_threads; i++)
		store_free(closure->parts[i].steps);
	store_free(closure->parts);
	store_free(closure->lasts);
	store_free(closure->readers);
	store_free(closure->queue);
	store_free(closure->touched);
	store_free(closure->base);
	table_free(closure->known);
	store_free(closure);
}

uint64_t closure_steps(const struct closure *closure)
{
	return closure->steps;
}

size_t closure_met(const struct closure *closure, size_t i)
{
	return closure->at[i];
}

static void put_in_queue(struct closure *closure, uint32_t thread)
{
	struct part *part = &closure->parts[thread];

	if (!part->is_touched)
		closure->touched[closure->n_touched++] = thread;
	part->is_touched = true;
	if (!part->is_queued)
		closure->queue[closure->n_queued++] = thread;
	part->is_queued = true;
}

/* Nothing is in it but what was held before the trace. */
static void empty(struct closure *closure)
{
	for (size_t i = 0; i < closure->n_touched; i++) {
		struct part *part = &closure->parts[closure->touched[i]];

		part->n = 0;
		part->next = 0;
		part->is_touched = false;
	}
	closure->n_touched = 0;
	closure->n_readers = 1;
	closure->search++;
	for (size_t i = 0; i < closure->n_base; i++)
		put_in_queue(closure, closure->base[i]);
}

/* The closure has at least the thread's first n events. */
static void pull(struct closure *closure, uint32_t thread, uint32_t n)
{
	struct part *part = &closure->parts[thread];

	if (n <= part->n)
		return;
	part->n = n;
	put_in_queue(closure, thread);
}

static struct last *last_of(struct closure *closure, uint32_t lock)
{
	struct last *last = &closure->lasts[lock];

	if (last->search != closure->search)
		*last = (struct last){ .search = closure->search };
	return last;
}

static void pull_open(struct closure *closure, const struct open *open)
{
	pull(closure, open->thread, open->until);
}

/* An exclusive acquire has come into the closure. */
static void take(struct closure *closure, struct last *last,
		 const struct open *own)
{
	uint32_t *link = &last->first_reader;

	while (*link) {
		const struct open *reader = &closure->readers[*link];

		closure->steps++;
		if (reader->event > own->event) {
			pull_open(closure, own);
			link = &closure->readers[*link].next;
		} else {
			pull_open(closure, reader);
			*link = reader->next;
		}
	}
	if (last->has_writer && last->writer.event > own->event) {
		pull_open(closure, own);
		return;
	}
	if (last->has_writer)
		pull_open(closure, &last->writer);
	last->writer = *own;
	last->has_writer = true;
}

/* A shared one.  Of one thread's only the last can be open. */
static void take_shared(struct closure *closure, struct last *last,
			const struct open *own)
{
	uint32_t i = last->first_reader;

	if (last->has_writer && last->writer.event > own->event) {
		pull_open(closure, own);
		return;
	}
	if (last->has_writer)
		pull_open(closure, &last->writer);
	while (i && closure->readers[i].thread != own->thread) {
		closure->steps++;
		i = closure->readers[i].next;
	}
	if (i) {
		closure->readers[i].event = own->event;
		closure->readers[i].until = own->until;
		return;
	}
	closure->readers = grow(closure->readers, &closure->room_readers,
				closure->n_readers, sizeof(*closure->readers));
	closure->readers[closure->n_readers] = *own;
	closure->readers[closure->n_readers].next = last->first_reader;
	last->first_reader = (uint32_t)closure->n_readers++;
}

static void take_step(struct closure *closure, uint32_t thread,
		      const struct step *step)
{
	const struct open own = { thread, step->event, step->n, 0 };

	closure->steps++;
	switch ((enum step_kind)step->kind) {
	case STEP_ACQUIRE:
		take(closure, last_of(closure, step->other), &own);
		break;
	case STEP_ACQUIRE_SHARED:
		take_shared(closure, last_of(closure, step->other), &own);
		break;
	case STEP_READ:
		if (closure->drops_reads)
			break;
		/* fall through */
	case STEP_AFTER:
	case STEP_START:
		pull(closure, step->other, step->n);
		break;
	}
}

static void close_up(struct closure *closure)
{
	while (closure->n_queued > 0) {
		uint32_t thread = closure->queue[--closure->n_queued];
		struct part *part = &closure->parts[thread];

		part->is_queued = false;
		while (part->next < part->n_steps &&
		       part->steps[part->next].pos <= part->n)
			take_step(closure, thread, &part->steps[part->next++]);
	}
}

/* All that has to be done for the thread to be just before its event. */
static void reach(struct closure *closure, uint32_t thread, uint32_t pos)
{
	struct part *part = &closure->parts[thread];

	pull(closure, thread, pos - 1);
	close_up(closure);
	/* A START is not behind the thread before it has begun. */
	for (size_t i = part->next;
	     i < part->n_steps && part->steps[i].pos <= pos; i++)
		if (part->steps[i].kind == STEP_START)
			pull(closure, part->steps[i].other, part->steps[i].n);
	close_up(closure);
}

bool closure_reaches(struct closure *closure, const struct groups *groups,
		     const struct choice *choices, size_t n)
{
	size_t *at = closure->at;
	bool is_moved;

	empty(closure);
	for (size_t i = 0; i < n; i++)
		at[i] = groups->first[choices[i].group];
	do {
		is_moved = false;
		for (size_t i = 0; i < n; i++)
			reach(closure, choices[i].thread, groups->pos[at[i]]);
		for (size_t i = 0; i < n; i++) {
			size_t end = groups->first[choices[i].group + 1];
			uint32_t done = closure->parts[choices[i].thread].n;

			closure->steps++;
			if (groups->pos[at[i]] > done)
				continue;
			is_moved = true;
			at[i] = groups_after(groups, at[i], end, done);
			if (at[i] == end)
				return false;
		}
	} while (is_moved);
	return true;
}
