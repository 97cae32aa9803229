/* SPDX-License-Identifier: MIT */
/*
 * See closure.h.  Of a thread's events only some pull others in; these are its
 * steps.  The closure is a number of events for each thread; what it grows by
 * is gone through once, however long the search.
 */
#include "closure.h"

#include <stdlib.h>

#include "store.h"

enum step_kind {
	STEP_AFTER, /* a read, or a join: .other has done .n events */
	STEP_START, /* the same, and the thread cannot be here without */
	STEP_ACQUIRE,
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
};

/* The last acquire of a lock in the closure. */
struct last {
	uint64_t search; /* that of which this is true */
	uint32_t thread, event, until;
};

struct closure {
	uint32_t n_threads;
	struct part *parts; /* [thread] */
	struct last *lasts; /* [lock] */
	uint32_t *queue;    /* threads */
	size_t n_queued;
	uint32_t *touched; /* threads with something in the closure */
	size_t n_touched;
	uint64_t search; /* how many there were */
	uint64_t steps;
	struct arena *mem;
};

/* Where a variable was written last. */
struct written {
	uint32_t thread, pos; /* pos 0: nowhere */
};

static void add_step(struct closure *closure, uint32_t thread, struct step step)
{
	struct part *part = &closure->parts[thread];

	part->steps = grow(part->steps, &part->room, part->n_steps,
			   sizeof(*part->steps));
	part->steps[part->n_steps++] = step;
}

/* Not if an earlier step of the thread pulls as much of the other in. */
static void add_after(struct closure *closure, struct table *known,
		      uint32_t thread, struct step step)
{
	uint64_t *n = table_at(known, thread, step.other);

	if (step.other == thread || *n >= step.n)
		return;
	*n = step.n;
	add_step(closure, thread, step);
}

static void add_event(struct closure *closure, const struct std_event *ev,
		      const struct std_holds *holds, size_t i,
		      struct written *var, struct table *known)
{
	uint32_t pos = holds->pos[i];
	struct step step = { .pos = pos, .other = ev->object };

	switch (ev->op) {
	case STD_READ:
		step.other = var->thread;
		step.n = var->pos;
		add_after(closure, known, ev->thread, step);
		break;
	case STD_WRITE:
		*var = (struct written){ ev->thread, pos };
		break;
	case STD_ACQUIRE:
		step.kind = STEP_ACQUIRE;
		step.n = holds->until[i];
		step.event = (uint32_t)i;
		if (holds->set[i] != STD_NOTHING)
			add_step(closure, ev->thread, step);
		break;
	}
}

static void add_steps(struct closure *closure, const struct std_trace *trace,
		      const struct std_holds *holds)
{
	struct arena *mem = arena_new();
	struct written *vars = arena_alloc(mem, trace->n_vars * sizeof(*vars));
	uint32_t *done = arena_alloc(mem, trace->n_threads * sizeof(*done));
	struct table *known = table_new();

	for (size_t i = 0; i < trace->n_events; i++) {
		const struct std_event *ev = &trace->events[i];
		bool is_access = ev->op == STD_READ || ev->op == STD_WRITE;

		done[ev->thread]++;
		add_event(closure, ev, holds, i,
			  is_access ? &vars[ev->object] : NULL, known);
		if (ev->op == STD_JOIN)
			add_after(closure, known, ev->thread,
				  (struct step){ .pos = done[ev->thread],
						 .other = ev->object,
						 .n = done[ev->object] });
		/* What the new thread does next cannot be before this. */
		if (ev->op == STD_FORK)
			add_after(closure, known, ev->object,
				  (struct step){ .pos = done[ev->object] + 1,
						 .kind = STEP_START,
						 .other = ev->thread,
						 .n = done[ev->thread] });
	}
	table_free(known);
	arena_free(mem);
}

struct closure *closure_new(const struct std_trace *trace,
			    const struct std_holds *holds)
{
	struct arena *mem = arena_new();
	struct closure *closure = arena_alloc(mem, sizeof(*closure));
	size_t n = trace->n_threads;

	*closure = (struct closure){
		.n_threads = trace->n_threads,
		.parts = arena_alloc(mem, n * sizeof(*closure->parts)),
		.lasts = arena_alloc(mem,
				     trace->n_locks * sizeof(*closure->lasts)),
		.queue = arena_alloc(mem, n * sizeof(*closure->queue)),
		.touched = arena_alloc(mem, n * sizeof(*closure->touched)),
		.mem = mem,
	};
	add_steps(closure, trace, holds);
	return closure;
}

void closure_free(struct closure *closure)
{
	for (uint32_t i = 0; i < closure->n_threads; i++)
		free(closure->parts[i].steps);
	arena_free(closure->mem);
}

uint64_t closure_steps(const struct closure *closure)
{
	return closure->steps;
}

static void empty(struct closure *closure)
{
	for (size_t i = 0; i < closure->n_touched; i++) {
		struct part *part = &closure->parts[closure->touched[i]];

		part->n = 0;
		part->next = 0;
	}
	closure->n_touched = 0;
	closure->search++;
}

/* The closure has at least the thread's first n events. */
static void pull(struct closure *closure, uint32_t thread, uint32_t n)
{
	struct part *part = &closure->parts[thread];

	if (n <= part->n)
		return;
	if (part->n == 0)
		closure->touched[closure->n_touched++] = thread;
	part->n = n;
	if (!part->is_queued)
		closure->queue[closure->n_queued++] = thread;
	part->is_queued = true;
}

/* All acquires of a lock but the last are released. */
static void pull_release(struct closure *closure, uint32_t thread,
			 const struct step *step)
{
	struct last *last = &closure->lasts[step->other];
	const struct last new = { closure->search, thread, step->event,
				  step->n };

	if (last->search != closure->search) {
		*last = new;
	} else if (last->event < step->event) {
		pull(closure, last->thread, last->until);
		*last = new;
	} else {
		pull(closure, thread, step->n);
	}
}

static void close_up(struct closure *closure)
{
	while (closure->n_queued > 0) {
		uint32_t thread = closure->queue[--closure->n_queued];
		struct part *part = &closure->parts[thread];

		part->is_queued = false;
		while (part->next < part->n_steps &&
		       part->steps[part->next].pos <= part->n) {
			const struct step *step = &part->steps[part->next++];

			closure->steps++;
			if (step->kind == STEP_ACQUIRE)
				pull_release(closure, thread, step);
			else
				pull(closure, step->other, step->n);
		}
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
	size_t at[MAX_CHOICES];
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
