/* SPDX-License-Identifier: MIT */
/*
 * Calls that waited for something else than a lock (a read, a sleep, a join)
 * while the thread held a lock that others wanted.
 *
 * The recorder tells of such a call when it is over.  Waits for the lock end
 * later, when it was given up, so each wait finds the calls it was spent on
 * among those that are remembered with the lock.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "fetch.h"
#include "ledger.h"
#include "text.h"

#define LEAST_TOTAL_NS 1000000u /* below it nothing is a finding */

/* So many calls are remembered with a lock; a wait that saw more of them
   end counts for the last ones only. */
#define MOST_SPANS 4096u

static const struct rule rules[] = {
	{
		.id = "lock-held-blocking",
		.title = "A thread was in a blocking call with a lock held",
		.help = "A thread made a call that waits for something else "
			"than a lock (input, output, a sleep, another thread "
			"or process) while it held a lock, and other threads "
			"waited for that lock meanwhile. The time is the sum "
			"of their waits as far as the calls at this place "
			"took them up. There is a finding if it is 1 ms or "
			"more. What it can miss: calls shorter than "
			"CMSHIM_BLOCK_US (100 us), calls that were cancelled, "
			"system calls that are not made through libc's "
			"functions, and what is written by stdio. What it can "
			"get wrong: the call may be what the lock is for, as "
			"with a log that all threads write to. What to do: "
			"make the call before the lock is taken or after it "
			"is given up.",
		.level = LEVEL_WARNING,
		.unit = "ns",
	},
	{ .id = NULL },
};

/* One call, as one of the locks held meanwhile saw it. */
struct span {
	uint64_t from_ns, to_ns;
	uint64_t latest_ns; /* none up to here ended later */
	uint32_t thread;
	size_t place; /* in state.places */
	bool shared;
};

struct lock {
	struct span *spans; /* in the order of the events */
	size_t n, room;
	/* The hold in which the last call was, and the call's place. */
	uint32_t holder; /* 0: none yet */
	uint64_t since;	 /* the acquire's index */
	size_t place;
};

/* A place where calls were made with one lock held. */
struct place {
	uint32_t object, stack, call;
	uint32_t lock_stack; /* where the lock was taken */
	size_t root; /* of the places that were in one hold; see root_of() */
	bool shared;
	uint64_t wait_ns, n_waits, n_calls;
	uint64_t longest_ns; /* of the calls that somebody waited for */
	/* Of the longest wait: */
	uint64_t worst_ns, since_ns, call_since_ns;
	uint32_t waiter, waiter_stack, holder;
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	uint32_t *lock_of;  /* by object */
	struct lock *locks; /* from 1: held in a call */
	size_t n_locks, room_locks;
	struct ledger places; /* by object, call and stack */
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.lock_of = arena_alloc(mem, info->n_objects * sizeof(uint32_t)),
		.n_locks = 1,
		.places = ledger_of(sizeof(struct place)),
	};
	st->locks = grow(NULL, &st->room_locks, 0, sizeof(*st->locks));
	return st;
}

static struct lock *lock_at(struct state *st, uint32_t object)
{
	uint32_t *number = &st->lock_of[object];

	if (!*number) {
		st->locks = grow(st->locks, &st->room_locks, st->n_locks,
				 sizeof(*st->locks));
		*number = (uint32_t)st->n_locks++;
	}
	return &st->locks[*number];
}

static struct place *place_at(struct state *st, const struct held *held,
			      const struct event *ev)
{
	bool is_new;
	struct place *p =
		ledger_at(&st->places, held->object,
			  (uint64_t)ev->call << 32 | ev->stack, &is_new);

	if (is_new)
		*p = (struct place){
			.object = held->object,
			.stack = ev->stack,
			.call = ev->call,
			.lock_stack = held->stack,
			.root = ledger_place(&st->places, p),
			.shared = held->shared,
		};
	return p;
}

static struct place *place_of(const struct state *st, size_t index)
{
	return ledger_get(&st->places, index);
}

static size_t root_of(const struct state *st, size_t index)
{
	while (place_of(st, index)->root != index) {
		struct place *p = place_of(st, index);

		p->root = place_of(st, p->root)->root;
		index = p->root;
	}
	return index;
}

/*
 * Who waits through a hold with several calls in it waits for the hold, not
 * for each of the calls: their places are one finding.
 */
static void join_hold(struct state *st, const struct held *held,
		      uint32_t thread, size_t place)
{
	struct lock *l = lock_at(st, held->object);

	if (l->holder == thread && l->since == held->index)
		place_of(st, root_of(st, place))->root = root_of(st, l->place);
	l->holder = thread;
	l->since = held->index;
	l->place = place;
}

/*
 * A call may be made inside another one (getaddrinfo's own): what counts is
 * the outer one, which ends later.
 */
static void remember(struct lock *l, const struct span *s)
{
	size_t kept = l->n;

	while (kept > 0 && l->spans[kept - 1].to_ns > s->from_ns) {
		struct span *before = &l->spans[kept - 1];

		if (before->thread == s->thread &&
		    before->from_ns >= s->from_ns) {
			memmove(before, before + 1,
				(l->n - kept) * sizeof(*before));
			l->n--;
		}
		kept--;
	}
	if (l->n == MOST_SPANS) {
		l->n = MOST_SPANS / 2;
		memmove(l->spans, l->spans + MOST_SPANS / 2,
			l->n * sizeof(*l->spans));
	}
	if (l->n == l->room)
		l->spans = grow(l->spans, &l->room, l->n, sizeof(*l->spans));
	l->spans[l->n] = *s;
	l->spans[l->n].latest_ns = s->to_ns;
	if (l->n && l->spans[l->n - 1].latest_ns > s->to_ns)
		l->spans[l->n].latest_ns = l->spans[l->n - 1].latest_ns;
	l->n++;
}

static void blocked(struct state *st, const struct event *ev,
		    const struct world *world)
{
	const struct world_thread *t = &world->threads[ev->thread];
	struct span s = { .to_ns = ev->time_ns, .thread = ev->thread };

	if (!ev->has_time || !ev->duration_ns)
		return;
	if (ev->duration_ns < ev->time_ns)
		s.from_ns = ev->time_ns - ev->duration_ns;
	for (size_t i = 0; i < t->n_held; i++) {
		const struct held *h = &t->held[i];
		struct place *p;

		/* A recursive lock is in the list several times. */
		if (world_holds(world, ev->thread, h->object) != h)
			continue;
		p = place_at(st, h, ev);
		s.place = ledger_place(&st->places, p);
		s.shared = h->shared;
		p->n_calls++;
		join_hold(st, h, ev->thread, s.place);
		remember(lock_at(st, h->object), &s);
	}
}

struct wait {
	uint64_t from_ns, to_ns;
	uint32_t thread, object, stack;
	bool shared;
};

static void blame(struct place *place, const struct wait *w,
		  const struct span *s)
{
	uint64_t from_ns = w->from_ns > s->from_ns ? w->from_ns : s->from_ns;
	uint64_t to_ns = w->to_ns < s->to_ns ? w->to_ns : s->to_ns;

	if (to_ns <= from_ns)
		return;
	place->wait_ns += to_ns - from_ns;
	place->n_waits++;
	if (s->to_ns - s->from_ns > place->longest_ns)
		place->longest_ns = s->to_ns - s->from_ns;
	if (to_ns - from_ns > place->worst_ns) {
		place->worst_ns = to_ns - from_ns;
		place->since_ns = w->from_ns;
		place->call_since_ns = s->from_ns;
		place->waiter = w->thread;
		place->waiter_stack = w->stack;
		place->holder = s->thread;
	}
}

static void waited(struct state *st, const struct wait *w)
{
	const struct lock *l = &st->locks[st->lock_of[w->object]];

	for (size_t i = l->n; i > 0; i--) {
		const struct span *s = &l->spans[i - 1];

		if (s->latest_ns <= w->from_ns)
			break;
		if (s->thread == w->thread || (s->shared && w->shared))
			continue;
		blame(ledger_get(&st->places, s->place), w, s);
	}
}

static void soon(const void *state, const struct event *ev)
{
	const struct state *st = state;

	fetch(&st->lock_of[ev->object], sizeof(*st->lock_of));
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;
	struct wait w = { .to_ns = ev->time_ns,
			  .thread = ev->thread,
			  .object = ev->object,
			  .stack = ev->stack,
			  .shared = ev->shared };

	switch (ev->op) {
	case CMSHIM_OP_BLOCKED:
		blocked(st, ev, world);
		break;
	case CMSHIM_OP_ACQUIRE:
	case CMSHIM_OP_ACQUIRE_SHARED:
	case CMSHIM_OP_REQUEST_FAILED:
		if (!ev->contended || !ev->has_time || !st->lock_of[w.object])
			break;
		w.from_ns = ev->time_ns - ev->wait_ns;
		waited(st, &w);
		break;
	}
}

/* Waits that nothing ended: the process did. */
static void wait_to_the_end(struct state *st, const struct world *world)
{
	for (uint32_t i = 1; i < st->info->n_threads; i++) {
		const struct world_thread *t = &world->threads[i];
		struct wait w = { .from_ns = t->waits_since_ns,
				  .to_ns = st->info->duration_ns,
				  .thread = i,
				  .object = t->waits_for,
				  .stack = t->wait_stack,
				  .shared = t->waits_shared };

		if (w.object)
			waited(st, &w);
	}
}

static const char *name_of(const struct state *st, uint32_t call)
{
	const char *name =
		call < st->info->n_calls ? st->info->calls[call].name : NULL;

	return name ? name : "a blocking call";
}

/* What is found of the places of one root: shown is the worst. */
struct sum {
	const struct place *worst;
	uint64_t wait_ns, n_waits, n_places;
};

static const char *sentence(const struct state *st, const struct sum *sum)
{
	const char *whose = "whose holder was";

	if (sum->n_places > 1)
		whose = arena_printf(st->mem,
				     "that was held through calls at %" PRIu64
				     " places, longest",
				     sum->n_places);
	return arena_printf(st->mem,
			    "Threads waited %s in all for a lock %s in %s; "
			    "that took up to %s",
			    text_duration(sum->wait_ns).text, whose,
			    name_of(st, sum->worst->call),
			    text_duration(sum->worst->longest_ns).text);
}

static void add_finding(const struct state *st, const struct sum *sum,
			struct report *out)
{
	const struct place *place = sum->worst;
	struct side_lock held = { .object = place->object,
				  .stack = place->lock_stack,
				  .shared = place->shared };
	struct side sides[] = {
		{ .role = "was in the call",
		  .thread = place->holder,
		  .call = place->call,
		  .stack = place->stack,
		  .has_time = true,
		  .time_ns = place->call_since_ns,
		  .held = &held,
		  .n_held = 1 },
		{ .role = "waited",
		  .thread = place->waiter,
		  .stack = place->waiter_stack,
		  .waits_for = place->object,
		  .has_time = true,
		  .time_ns = place->since_ns },
	};
	struct finding f = {
		.rule = &rules[0],
		.level = LEVEL_WARNING,
		.tier = TIER_OBSERVED,
		.object = place->object,
		.weight = sum->wait_ns,
		.count = sum->n_waits,
		.sides = sides,
		.n_sides = 2,
		.message = sentence(st, sum),
		.advice = "Make the call before the lock is taken or after it "
			  "is given up.",
	};

	if (sum->n_places > 1)
		f.advice = "Give the lock up before these calls. If it is held "
			   "to make others wait, a condition says so.";
	report_add_finding(out, &f);
}

static void add_findings(const struct state *st, struct report *out)
{
	struct sum *sums = zeroed(st->places.n + 1, sizeof(*sums));

	for (size_t i = 0; i < st->places.n; i++) {
		const struct place *p = place_of(st, i);
		struct sum *sum = &sums[root_of(st, i)];

		if (!p->wait_ns)
			continue;
		sum->wait_ns += p->wait_ns;
		sum->n_waits += p->n_waits;
		sum->n_places++;
		if (!sum->worst || p->wait_ns > sum->worst->wait_ns)
			sum->worst = p;
	}
	for (size_t i = 0; i < st->places.n; i++)
		if (sums[i].wait_ns >= LEAST_TOTAL_NS)
			add_finding(st, &sums[i], out);
	store_free(sums);
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	wait_to_the_end(st, world);
	add_findings(st, out);
	for (size_t i = 1; i < st->n_locks; i++)
		store_free(st->locks[i].spans);
	store_free(st->locks);
	ledger_release(&st->places);
}

const struct analysis analysis_blocking = {
	.name = "blocking",
	.help = "calls that wait for something else while a lock is held",
	.rules = rules,
	.wants = ANALYSIS_OP(CMSHIM_OP_BLOCKED) |
		 ANALYSIS_OP(CMSHIM_OP_ACQUIRE) |
		 ANALYSIS_OP(CMSHIM_OP_ACQUIRE_SHARED) |
		 ANALYSIS_OP(CMSHIM_OP_REQUEST_FAILED),
	.wakes = ANALYSIS_OP(CMSHIM_OP_BLOCKED),
	.begin = begin,
	.event = event,
	.soon = soon,
	.finish = finish,
};
