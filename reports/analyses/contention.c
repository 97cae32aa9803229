/* SPDX-License-Identifier: MIT */
/*
 * Contention: how the locks were used, which ones threads waited for, and
 * because of whom.
 *
 * A wait is the time from the failed try to the acquire, so it includes the
 * time to be scheduled again after the release.  It is split over the
 * critical sections that ended meanwhile (sections.h); a reader waits for
 * writers only.  A recursive lock is held from its first acquire to its last
 * release.  A semaphore has no owner: a wait for it counts for the post that
 * came last before it ended.  A wait that ended by its timeout, or not before
 * the trace did, counts like any other, though no acquisition came of it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "fetch.h"
#include "locks/blames.h"
#include "locks/sections.h"
#include "locks/tally.h"
#include "locks/threadset.h"
#include "text.h"
#include "world/lives.h"
#include "world/lockset.h"
#include "world/site.h"

#define LEAST_TOTAL_NS	1000000u  /* below it nothing is a finding */
#define LEAST_SINGLE_NS 10000000u /* one wait that somebody notices */
#define NOTICEABLE_PART 1000u	  /* a thousandth of the threads' lives */
#define LARGE_PART	20u	  /* 5 % of them */
#define MAX_CHAIN	64u	  /* of threads that wait for one another */

static const struct rule rules[] = {
	{
		.id = "perf-hot",
		.title = "Threads waited for a lock",
		.help = "Threads found the lock busy and waited. The time is "
			"the sum over all threads and includes the time each "
			"needed to run again after the release. Shown are the "
			"place that waited most and the place that held the "
			"lock during most of that. There is a finding if the "
			"lock cost 1 ms or more, and that is a thousandth of "
			"the sum of all threads' lives or one of the waits "
			"took 10 ms; it is a warning from a twentieth (5 %) "
			"on. What it can miss: waits that had not ended when "
			"the process did, or that ended by a timeout; locks "
			"that spin or sleep in code that is not recorded; "
			"semaphores, unless each post was made by the thread "
			"that had taken it last. What it can get wrong: on a "
			"machine with too few processors a thread that is not "
			"scheduled while it holds a lock looks like a slow "
			"one; of a semaphore the place is that of the post "
			"that came last; waiting may be what the program wants, as in a "
			"hand-over. What to do: hold the lock for less at the "
			"place shown, above all not during input or output, "
			"or divide what it protects.",
		.level = LEVEL_NOTE,
		.unit = "ns",
		.remedy = WHATIF_FREE,
	},
	{ .id = NULL },
};

struct lock {
	uint64_t n_acquired, n_shared, n_contended;
	struct threadset threads;
	struct tally waits, holds;
	struct sections all;
	struct sections *exclusive; /* of them; NULL: all are, or none yet */
	uint32_t cells;		    /* index of the first; 0: none */
	uint32_t taker;	     /* semaphore: has taken and not posted; 0: none */
	bool is_handed_over; /* semaphore: posted by others than the taker */
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct lock *locks; /* by object */
	struct lives lives;
	struct blames *blames;
	struct allowance left; /* for sections */
	uint32_t n_waits;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	st->mem = mem;
	st->info = info;
	st->locks = arena_alloc(mem, info->n_objects * sizeof(*st->locks));
	lives_init(&st->lives, info, mem);
	st->blames = blames_new();
	st->left.bytes = SECTIONS_BYTES;
	return st;
}

/* A wait that has ended, while it is being split. */
struct wait {
	struct state *st;
	struct blame_wait blame;
};

static struct wait wait_of(struct state *st, const struct event *ev,
			   const struct world *world)
{
	return (struct wait){
		.st = st,
		.blame = { .number = ++st->n_waits,
			   .object = ev->object,
			   .thread = ev->thread,
			   .stack = ev->stack,
			   .holds = locksets_number(world, ev->thread),
			   .since_ns = ev->time_ns - ev->wait_ns,
			   .wait_ns = ev->wait_ns },
	};
}

static void blame(void *context, const struct section *holder, uint64_t ns)
{
	const struct wait *w = context;
	struct lock *l = &w->st->locks[w->blame.object];

	blames_add(w->st->blames, &l->cells, &w->blame, holder->thread,
		   holder->stack, ns);
}

static void waited(struct state *st, struct lock *l, const struct event *ev,
		   const struct world *world)
{
	uint32_t class = st->info->objects[ev->object].class;
	struct wait w = wait_of(st, ev, world);
	const struct sections *by = &l->all;

	l->n_contended++;
	tally_add(&l->waits, ev->wait_ns, 1, st->mem);
	if (ev->shared && l->exclusive)
		by = l->exclusive;
	if (class == CMSHIM_SEMAPHORE || !ev->has_time)
		blame(&w, &by->last, ev->wait_ns);
	else
		sections_split(by, ev->time_ns - ev->wait_ns, ev->time_ns,
			       blame, &w);
}

/* Who has the lock now, as if the hold had ended at the event. */
static struct section holder_now(const struct event *ev,
				 const struct world *world)
{
	const struct world_object *o = &world->objects[ev->object];
	struct section s = { .end_ns = ev->time_ns, .thread = o->owner };
	const struct held *h = world_holds(world, o->owner, ev->object);

	s.stack = h ? h->stack : 0;
	return s;
}

/*
 * The lock was not taken: what is left of the wait after the last release
 * counts for whoever has the lock now.
 */
static void waited_in_vain(struct state *st, const struct event *ev,
			   const struct world *world)
{
	struct lock *l = &st->locks[ev->object];
	struct wait w = wait_of(st, ev, world);
	const struct sections *by = &l->all;
	struct section now = holder_now(ev, world);
	uint64_t from_ns = w.blame.since_ns, end_ns = from_ns;

	/* It waits for itself: that is another kind of mistake. */
	if (now.thread == ev->thread)
		return;
	/* Nobody has it: the wait is for something to happen. */
	if (st->info->objects[ev->object].class == CMSHIM_SEMAPHORE &&
	    !l->taker)
		l->is_handed_over = true;
	tally_add(&l->waits, ev->wait_ns, 1, st->mem);
	if (ev->shared && l->exclusive)
		by = l->exclusive;
	if (by->n && by->stamped[by->n - 1].end_ns > from_ns)
		end_ns = by->stamped[by->n - 1].end_ns;
	if (end_ns > ev->time_ns)
		end_ns = ev->time_ns;
	if (end_ns < ev->time_ns)
		blame(&w, &now, ev->time_ns - end_ns);
	if (end_ns > from_ns)
		sections_split(by, from_ns, end_ns, blame, &w);
}

static void acquired(void *state, const struct event *ev,
		     const struct world *world)
{
	struct state *st = state;
	struct lock *l = &st->locks[ev->object];

	lives_event(&st->lives, ev);
	l->n_acquired++;
	l->n_shared += ev->shared;
	threadset_add(&l->threads, ev->thread, st->info->n_threads, st->mem);
	if (ev->contended)
		waited(st, l, ev, world);
}

static void released(void *state, const struct event *ev,
		     const struct world *world)
{
	struct state *st = state;
	struct lock *l = &st->locks[ev->object];
	const struct world_object *o = &world->objects[ev->object];
	uint32_t class = st->info->objects[ev->object].class;
	const struct held *h = world_holds(world, ev->thread, ev->object);
	struct section s = { .end_ns = ev->time_ns, .thread = ev->thread };

	lives_event(&st->lives, ev);
	if (!h && o->owner) {
		s.thread = o->owner;
		h = world_holds(world, o->owner, ev->object);
	}
	if (!h || (!h->shared && o->depth > 1))
		return;

	s.stack = h->stack;
	sections_add(&l->all, s, ev->has_time, &st->left);
	if (class == CMSHIM_RWLOCK && !h->shared) {
		if (!l->exclusive)
			l->exclusive =
				arena_alloc(st->mem, sizeof(*l->exclusive));
		sections_add(l->exclusive, s, ev->has_time, &st->left);
	}
	/* Holds that were stamped because somebody waited are the long ones. */
	if (h->weight && ev->has_time && h->since_ns <= ev->time_ns)
		tally_add(&l->holds, ev->time_ns - h->since_ns, h->weight,
			  st->mem);
}

static void taken(struct state *st, const struct event *ev,
		  const struct world *world)
{
	struct lock *l = &st->locks[ev->object];

	if (l->taker)
		l->is_handed_over = true;
	l->taker = ev->thread;
	acquired(st, ev, world);
}

static void posted(struct state *st, const struct event *ev)
{
	struct lock *l = &st->locks[ev->object];

	if (l->taker != ev->thread)
		l->is_handed_over = true;
	l->taker = 0;
	l->all.last = (struct section){
		.thread = ev->thread,
		.stack = ev->stack,
	};
}

static void soon(const void *state, const struct event *ev)
{
	const struct state *st = state;

	fetch(&st->locks[ev->object], sizeof(*st->locks));
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;

	lives_event(&st->lives, ev);
	switch (ev->op) {
	case CMSHIM_OP_TAKE:
		taken(st, ev, world);
		break;
	case CMSHIM_OP_REQUEST_FAILED:
		if (ev->contended && ev->has_time)
			waited_in_vain(st, ev, world);
		break;
	case CMSHIM_OP_POST:
		posted(st, ev);
		break;
	}
}

/* Waits that no acquisition came of. */
static const char *in_vain(const struct state *st, const struct lock *l)
{
	uint64_t n = l->waits.n - l->n_contended;

	return n ? arena_printf(st->mem, " and %" PRIu64 " in vain", n) : "";
}

static void add_hot(const struct state *st, uint32_t object,
		    const struct lock *l, const struct duration_figures *wait,
		    const struct blame_cell *worst, uint64_t all_lives_ns,
		    const struct world *world, struct report *out)
{
	struct site waiter = { .thread = worst->waiter,
			       .stack = worst->blame.waiter_stack,
			       .lockset = worst->waiter_holds };
	struct side_lock held = {
		.object = object,
		.stack = worst->blame.holder_stack,
	};
	bool is_semaphore = st->info->objects[object].class == CMSHIM_SEMAPHORE;
	struct side sides[] = {
		site_side(&waiter, "waited", world, st->mem),
		{ .role = is_semaphore ? "posted it then" : "held it meanwhile",
		  .thread = worst->holder,
		  .stack = worst->blame.holder_stack,
		  .held = &held,
		  .n_held = !is_semaphore,
		  .held_unknown = is_semaphore },
	};
	struct finding f = {
		.rule = &rules[0],
		.level = LEVEL_NOTE,
		.tier = TIER_OBSERVED,
		.object = object,
		.weight = wait->sum_ns,
		.count = l->waits.n,
		.sides = sides,
		.n_sides = 2,
		.advice = is_semaphore ? "Post it sooner at the second place."
				       : "Do less while holding it at the "
					 "second place, or protect by it only "
					 "what both places share.",
	};

	sides[0].waits_for = object;
	sides[0].has_time = true;
	sides[0].time_ns = worst->since_ns;
	if (wait->sum_ns >= all_lives_ns / LARGE_PART)
		f.level = LEVEL_WARNING;
	f.message = arena_printf(
		st->mem,
		"Threads waited %s in all, in %" PRIu64 " of %" PRIu64
		" acquisitions%s, once for %s; that is %s of the time all "
		"threads lived",
		text_duration(wait->sum_ns).text, l->n_contended, l->n_acquired,
		in_vain(st, l), text_duration(wait->max_ns).text,
		text_share(wait->sum_ns, all_lives_ns).text);
	report_add_finding(out, &f);
}

static bool is_noticeable(const struct lock *l,
			  const struct duration_figures *wait,
			  uint64_t all_lives_ns)
{
	if (l->is_handed_over || wait->sum_ns < LEAST_TOTAL_NS)
		return false;
	return wait->max_ns >= LEAST_SINGLE_NS ||
	       wait->sum_ns >= all_lives_ns / NOTICEABLE_PART;
}

static void add_lock(struct state *st, uint32_t object, uint64_t all_lives_ns,
		     const struct world *world, struct report *out)
{
	const struct lock *l = &st->locks[object];
	struct duration_figures wait = tally_figures(&l->waits);
	struct duration_figures hold = tally_figures(&l->holds);
	struct lock_usage usage = {
		.object = object,
		.acquisitions = l->n_acquired,
		.shared = l->n_shared,
		.contended = l->n_contended,
		.n_threads = l->threads.n,
		.wait = &wait,
		.hold = &hold,
	};
	size_t n;
	struct blame_cell *cells = blames_of(st->blames, l->cells, &n);
	struct blame *sorted = blames_sorted(cells, n);

	if (n && is_noticeable(l, usage.wait, all_lives_ns))
		add_hot(st, object, l, usage.wait, blames_worst(cells, n),
			all_lives_ns, world, out);
	usage.blame = sorted;
	usage.n_blame = n;
	report_add_lock(out, &usage);
	store_free(sorted);
	store_free(cells);
}

/* Whether who waits does so, in the end, for itself or for some who do. */
static bool is_stuck(const struct world *world, uint32_t thread)
{
	for (uint32_t i = 0; i < MAX_CHAIN; i++) {
		uint32_t lock = world->threads[thread].waits_for;

		thread = lock ? world_holder(world, lock) : 0;
		if (!thread)
			return false;
	}
	return true;
}

/* Who still waits has waited until now; a deadlock is no contention. */
static void add_pending(struct state *st, const struct world *world)
{
	for (uint32_t i = 1; i < st->info->n_threads; i++) {
		const struct world_thread *t = &world->threads[i];
		struct event ev = {
			.shared = t->waits_shared,
			.thread = i,
			.object = t->waits_for,
			.stack = t->wait_stack,
			.time_ns = st->info->duration_ns,
		};

		if (!t->waits_for || t->waits_since_ns >= ev.time_ns ||
		    is_stuck(world, i))
			continue;
		ev.wait_ns = ev.time_ns - t->waits_since_ns;
		waited_in_vain(st, &ev, world);
	}
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;
	uint64_t all_lives_ns = lives_sum_ns(&st->lives, world);

	add_pending(st, world);
	for (uint32_t i = 1; i < st->info->n_objects; i++) {
		switch (st->info->objects[i].class) {
		case CMSHIM_MUTEX:
		case CMSHIM_RWLOCK:
		case CMSHIM_SPINLOCK:
		case CMSHIM_SEMAPHORE:
			add_lock(st, i, all_lives_ns, world, out);
			break;
		}
		sections_release(&st->locks[i].all);
		if (st->locks[i].exclusive)
			sections_release(st->locks[i].exclusive);
	}
	blames_free(st->blames);
}

static const struct hearing hears[] = {
	{ ANALYSIS_ACQUIRES, acquired },
	{ ANALYSIS_RELEASES, released },
	{ .ops = 0 },
};

const struct analysis analysis_contention = {
	.name = "contention",
	.help = "use of locks, and time spent waiting for them, by call stack",
	.rules = rules,
	.wants = ANALYSIS_ACQUIRES | ANALYSIS_RELEASES |
		 ANALYSIS_OP(CMSHIM_OP_TAKE) | ANALYSIS_OP(CMSHIM_OP_POST) |
		 ANALYSIS_OP(CMSHIM_OP_REQUEST_FAILED) | ANALYSIS_MADE,
	.stamps = true,
	.begin = begin,
	.event = event,
	.hears = hears,
	.soon = soon,
	.finish = finish,
};
