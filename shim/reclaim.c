/* SPDX-License-Identifier: MIT */
/*
 * In rounds.  First some lines are taken out of the table.  Threads may have
 * found them before and be using them; each says so by its context, which is
 * busy, or by a guard.  When every context has been idle once since, and every
 * guard free, nobody does any more, and they are given again.
 *
 * What is kept from one event to the next is looked at then: the map calls and
 * the locks that a thread is in the middle of.  A correct program ends no
 * object that is in use, so there are none.
 *
 * No thread pays for this with a barrier in each event.  A line that is found
 * is looked for by record_learn(), behind a barrier; what finds it in its cache
 * (record_known) has compared its number, which the object has until it ends,
 * and in a correct program it cannot end before the event is recorded.
 */
#include "reclaim.h"

#include "process.h"
#include "record.h"
#include "sys.h"

#define ROOM 1024

static struct round {
	_Atomic bool taken; /* by the thread whose turn it is */
	uint32_t number;
	uint32_t n;
	uint64_t guards; /* that have been free since it began */
	struct object *lines[ROOM];
} * current; /* a forked child finds it zeroed */

bool reclaim_begin(void)
{
	if (!current)
		current = sys_memory(sizeof(*current), 1);
	return current != NULL;
}

static bool is_idle(const struct context *c)
{
	return !atomic_load(&c->busy) &&
	       (!c->inner || !atomic_load(&c->inner->busy));
}

/* Whether nobody can be using what was taken out.  self uses nothing. */
static bool is_over(const struct context *self)
{
	struct context *c = atomic_load(&process->contexts);
	bool over = true;

	current->guards |= object_free_guards();
	for (; c; c = c->next) {
		if (c->idle_round != current->number &&
		    (c == self || is_idle(c)))
			c->idle_round = current->number;
		if (c->idle_round != current->number)
			over = false;
	}
	return over && current->guards == OBJECT_ALL_GUARDS;
}

static void pin(struct object *o)
{
	if (o && atomic_load(&o->id) == RETIRED)
		o->pinned = true;
}

/* What c is in the middle of.  It may go on meanwhile, but not to what was
   taken out. */
static void pin_used(struct context *c)
{
	uint32_t n_open = c->n_open, n_held = c->n_held;

	for (uint32_t i = 0; i < n_open && i < MAX_OPEN; i++)
		pin(c->open[i].object);
	for (uint32_t i = 1; i <= n_held && i <= MAX_HELD; i++)
		pin(record_place(c, c->held[i].key)->object);
}

static void end_round(void)
{
	struct context *c = atomic_load(&process->contexts);

	for (; c; c = c->next) {
		pin_used(c);
		if (c->inner)
			pin_used(c->inner);
	}
	for (uint32_t i = 0; i < current->n; i++) {
		struct object *o = current->lines[i];

		if (!o->pinned && !atomic_load(&o->waiting))
			object_reuse(o);
	}
	current->n = 0;
}

void reclaim(struct context *c)
{
	struct signals saved;

	c->is_due = false;
	if (c->nested || process_is_fenced())
		return;
	/* A handler that jumped out of this would leave it taken. */
	saved = context_own(c);
	if (!atomic_exchange(&current->taken, true)) {
		if (current->n && is_over(c))
			end_round();
		if (!current->n) {
			current->number++;
			current->guards = 0;
			current->n =
				(uint32_t)object_retire(current->lines, ROOM);
			/* Before anybody is looked at. */
			atomic_thread_fence(memory_order_seq_cst);
		}
		atomic_store(&current->taken, false);
	}
	context_own_end(c, saved);
}
