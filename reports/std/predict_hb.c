/* SPDX-License-Identifier: MIT */
/*
 * Accesses that happens-before does not order: program order, fork, join, and
 * each release to each later acquire of the lock.
 *
 * For an access the earlier ones of another thread that do not happen before
 * it are that thread's last ones: those after what is known of it.  So one
 * comparison says whether there are any, and one search how many.
 */
#include "std/clocks.h"
#include "std/predict_parts.h"
#include "store.h"

struct hb {
	const struct std_holds *holds;
	struct clocks *clocks;
	struct stamp *locks; /* the last release */
	struct accesses *accesses;
	bool *is_racy; /* [variable] */
	struct prediction *out;
};

/* How many of the group's accesses so far come after `known` of its thread. */
static size_t count_after(const struct accesses *accesses, uint32_t group,
			  uint32_t known)
{
	const struct groups *groups = &accesses->groups;
	size_t first, end;

	if (accesses->all[group].last <= known)
		return 0;
	first = groups->first[group];
	end = first + accesses->all[group].n_seen;
	return end - groups_after(groups, first, end, known);
}

static void access(struct hb *hb, const struct std_event *ev, size_t i)
{
	struct accesses *accesses = hb->accesses;
	uint32_t own = accesses->groups.of[i];
	uint64_t n_pairs = 0;

	for (uint32_t g = accesses_first(accesses, ev->object, own);
	     g != NO_GROUP; g = accesses_next(accesses, g, own))
		n_pairs += count_after(accesses, g,
				       clocks_known(hb->clocks, ev->thread,
						    accesses->all[g].thread));
	accesses->all[own].n_seen++;
	accesses->all[own].last = hb->holds->pos[i];
	hb->out->hb_racy_pairs += n_pairs;
	hb->out->hb_racy_events += n_pairs > 0;
	if (n_pairs > 0 && !hb->is_racy[ev->object]) {
		hb->is_racy[ev->object] = true;
		hb->out->hb_racy_vars++;
	}
}

static void apply(struct hb *hb, const struct std_event *ev, size_t i)
{
	clocks_tick(hb->clocks, ev->thread, hb->holds->pos[i]);
	if (hb->holds->set[i] == STD_NOTHING)
		return;
	switch (ev->op) {
	case STD_READ:
	case STD_WRITE:
		access(hb, ev, i);
		break;
	case STD_ACQUIRE:
		clocks_join(hb->clocks, ev->thread, &hb->locks[ev->object]);
		break;
	case STD_RELEASE:
		clocks_stamp_also(hb->clocks, ev->thread,
				  &hb->locks[ev->object]);
		break;
	case STD_FORK:
		clocks_order(hb->clocks, ev->thread, ev->object);
		break;
	case STD_JOIN:
		clocks_order(hb->clocks, ev->object, ev->thread);
		break;
	}
}

void predict_hb(struct engine *engine, struct prediction *out)
{
	struct arena *mem = arena_new();
	const struct std_trace *trace = engine->trace;
	struct hb hb = {
		.holds = &engine->holds,
		.clocks = clocks_new(trace->n_threads),
		.locks = arena_alloc(mem, trace->n_locks * sizeof(*hb.locks)),
		.accesses = &engine->accesses,
		.is_racy =
			arena_alloc(mem, trace->n_vars * sizeof(*hb.is_racy)),
		.out = out,
	};

	for (size_t i = 0; i < trace->n_events; i++)
		apply(&hb, &trace->events[i], i);

	for (uint32_t i = 0; i < trace->n_locks; i++)
		clocks_forget(&hb.locks[i]);
	clocks_free(hb.clocks);
	arena_free(mem);
}
