/* SPDX-License-Identifier: MIT */
/*
 * Deadlocks that did not happen but could have: threads that took locks in
 * different orders, each inside the other's reach.
 *
 * A circle of lock orders (lockgraph.h) is one only if different threads can
 * be on it at the same time.  So each order is tried with all the moments at
 * which it was seen, until some are found of which none always comes before
 * another (hardorder.h).  Where there are none the circle is refuted and
 * nothing is said.
 *
 * Of those that are left some are predicted: another order of this very run,
 * which keeps all synchronisation that was recorded and what each read of a
 * map saw, brings the threads into the circle (reorder.h).  Of the others that
 * is not known.
 *
 * Circles through the same places in the program, among locks made at the
 * same places, are one finding.
 */
#include <inttypes.h>

#include "analysis.h"
#include "locks/circle_fold.h"
#include "reorder/circle_reach.h"
#include "reorder/plan.h"
#include "world/unseen.h"

enum { POTENTIAL, SAME_THREAD, PREDICTED };

static const struct rule rules[] = {
	[POTENTIAL] = {
		.id = "dl-potential",
		.title = "Threads take locks in different orders",
		.help = "Each of these threads asked for a lock that the next "
			"one holds at the place shown, and the last for one "
			"of the first. It went well this time; if each gets "
			"its first lock before any gets its second, all wait "
			"for ever. The tier is predicted: no lock that they "
			"share keeps them apart, and neither creating, "
			"joining nor barriers order the requests. It is a "
			"note where a request had a time limit, where a lock "
			"is not known to have been the same one (its memory "
			"may have been freed and used for another), where "
			"events are missing, where readers wait only behind "
			"a writer that waits, and for circles of more than "
			"four threads, of which one is shown. What it can "
			"miss: orders that did not occur in this run, locks "
			"of which events were lost, or that were given up once "
			"by a call that was not seen, semaphores and condition "
			"variables in place of locks, and tries. What it can "
			"get wrong: "
			"threads that are kept apart by means that are not "
			"looked at here, such as atomics, queues, condition "
			"variables, semaphores or once, or by a lock that "
			"their parent held from create to join; data that "
			"makes the circle impossible; another deadlock of the "
			"same threads that always comes first. What to do: "
			"take these locks in the same order everywhere, or "
			"the second one with a try.",
		.level = LEVEL_WARNING,
		.unit = "count",
	},
	[SAME_THREAD] = {
		.id = "dl-same-thread-order",
		.title = "A thread takes two locks in both orders",
		.help = "One thread took these locks now in one order, now in "
			"the other, and no other thread took both. One thread "
			"cannot deadlock with itself this way: it is a danger "
			"only when a second one comes to run the same code. "
			"The tier is predicted. What it can miss: more than "
			"two locks in a circle, locks whose memory may have "
			"been used again, and what dl-potential misses. What "
			"it can get wrong: code that never runs in two "
			"threads. What to do: take them in one order.",
		.level = LEVEL_NOTE,
		.unit = "count",
	},
	[PREDICTED] = {
		.id = "dl-predicted",
		.title = "Threads can come to wait for each other in a circle",
		.help = "What dl-potential says, and more: there is an order "
			"of the events of this very run that ends in the "
			"deadlock. It keeps all synchronisation that was "
			"recorded, the order of sections on each lock, and "
			"what each lookup in a map came after; what is to be "
			"done to see it is said. The tier is predicted. What "
			"it can miss: what is only dl-potential, among that "
			"whatever needs sections on one lock in another order "
			"than in this run; in long traces what lies far apart. "
			"What it can get wrong: threads that are kept apart by "
			"means that are not recorded, such as atomics, or by "
			"data that one writes and the other reads; so it is a "
			"warning, and a note where such means are known to be "
			"in use. What to do: take these locks in the same "
			"order everywhere, or the second one with a try.",
		.level = LEVEL_WARNING,
		.unit = "count",
	},
	{ .id = NULL },
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct asked *asked;
	struct circles *circles;    /* at the end */
	struct circle_reach *reach; /* and of those that may be reached */
	const struct world *world;
	bool has_futexes;
	const char *doubt; /* of what is predicted; NULL: none */
	bool gave_up;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.asked = asked_new(info),
	};
	return st;
}

static void acquired(void *state, const struct event *ev,
		     const struct world *world)
{
	const struct state *st = state;

	asked_acquired(st->asked, ev, world);
}

static void released(void *state, const struct event *ev,
		     const struct world *world)
{
	const struct state *st = state;

	asked_released(st->asked, ev, world);
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;

	if (ev->op == CMSHIM_OP_WAIT)
		st->has_futexes |=
			st->info->objects[ev->object].class == CMSHIM_FUTEX;
	asked_event(st->asked, ev, world);
}

/* The thread with the lowest number is shown first. */
static void turn(struct circle *c)
{
	struct circle old = *c;
	size_t first = 0;

	for (size_t i = 1; i < c->n; i++)
		if (old.moments[i].thread < old.moments[first].thread)
			first = i;
	for (size_t i = 0; i < c->n; i++) {
		size_t from = (first + i) % c->n;

		c->orders[i] = old.orders[from];
		c->askings[i] = old.askings[from];
		c->moments[i] = old.moments[from];
		if (c->is_reached)
			c->reached[i] = old.reached[from];
	}
}

static uint32_t number_of(const struct state *st, const struct circle *c,
			  size_t i)
{
	return st->info->threads[c->moments[i].thread].number;
}

static const char *sentence(const struct state *st, const struct circle *c)
{
	const char *text;

	if (c->is_own)
		return arena_printf(
			st->mem,
			"Thread %" PRIu32 " takes A, then B, and elsewhere B, "
			"then A; if another thread did as well, they could "
			"wait for each other for ever",
			number_of(st, c, 0));
	text = arena_printf(st->mem, "Thread %" PRIu32 " takes A, then B",
			    number_of(st, c, 0));
	for (size_t i = 1; i < c->n; i++)
		text = arena_printf(st->mem,
				    "%s; thread %" PRIu32 " takes %c, then %c",
				    text, number_of(st, c, i), 'A' + (int)i,
				    'A' + (int)((i + 1) % c->n));
	text = arena_printf(st->mem,
			    c->n == 2 ? "%s; if both get their first lock, "
					"neither gets its second"
				      : "%s; if all get their first lock, none "
					"gets its second",
			    text);
	if (!c->n_folded)
		return text;
	return arena_printf(st->mem,
			    "%s; %" PRIu32 " more circle%s of locks made at "
			    "these places, or asked for at these",
			    text, c->n_folded, c->n_folded == 1 ? "" : "s");
}

/* Makes it a note, and says why, where something is not sure. */
static void lower(const struct state *st, const struct circle *c,
		  struct finding *f)
{
	bool doubtful;
	uint32_t flags = circle_doubts(st->circles, c, &doubtful);

	if (doubtful)
		f->message = arena_printf(
			st->mem,
			"%s (or not: the address of a lock may have been "
			"reused for another one)",
			f->message);
	if (flags & ASKING_TIMED)
		f->message = arena_printf(
			st->mem, "%s until a time limit ends it", f->message);
	if (flags & ASKING_QUEUED)
		f->message = arena_printf(
			st->mem,
			"%s (if writers come to wait for what is read: these "
			"locks prefer them)",
			f->message);
	if (flags & ASKING_TORN || st->info->n_gaps)
		f->message = arena_printf(
			st->mem, "%s (events are missing in this trace)",
			f->message);
	if (doubtful || flags || st->info->n_gaps || c->n > LOCKGRAPH_SHORT)
		f->level = LEVEL_NOTE;
}

/* What is predicted is about this run, and so is what was not seen in it. */
static void predict(const struct state *st, const struct circle *c,
		    struct finding *f)
{
	f->message = arena_printf(
		st->mem,
		"%s; another order of this run, by all that was recorded, "
		"comes to that",
		f->message);
	f->reproduce = plan_text(st->mem, st->info, c->reached, c->n);
	if (!st->doubt)
		return;
	f->message =
		arena_printf(st->mem, "%s (or not: %s)", f->message, st->doubt);
	f->level = LEVEL_NOTE;
}

static void add_finding(struct state *st, struct circle *c, struct report *out)
{
	int rule = c->is_own	   ? SAME_THREAD
		   : c->is_reached ? PREDICTED
				   : POTENTIAL;
	struct side sides[LOCKGRAPH_LONG];
	struct finding f = {
		.rule = &rules[rule],
		.level = rules[rule].level,
		.tier = TIER_PREDICTED,
		.weight = c->count,
		.count = c->count,
		.sides = sides,
		.n_sides = c->n,
		.is_circle = !c->is_own,
	};

	turn(c);
	for (size_t i = 0; i < c->n; i++) {
		const struct asking *g = &st->asked->askings[c->askings[i]];
		const struct lock_list *held =
			circles_locks(st->circles, c->askings[i]);

		sides[i] = (struct side){
			.role = "asks while holding",
			.thread = c->moments[i].thread,
			.call = g->call,
			.stack = g->stack,
			.waits_for = circle_asks(st->circles, c, i),
			.held = held->locks,
			.n_held = held->n,
		};
	}
	f.object = circle_holds(st->circles, c, 0);
	f.message = sentence(st, c);
	if (c->is_reached)
		predict(st, c, &f);
	else
		lower(st, c, &f);
	f.advice = c->n == 2 ? "Take the two locks in one order: change the "
			       "place where one side asks for its second, or "
			       "make that a try and begin again if it fails."
			     : "Take these locks in one order everywhere: one "
			       "of the sides has to change.";
	report_add_finding(out, &f);
}

/* What was not looked at is said, not left out. */
static void add_limit(const struct rule *rule, const char *message,
		      struct report *out)
{
	report_add_finding(out, &(struct finding){
					.rule = rule,
					.level = LEVEL_NOTE,
					.tier = TIER_PREDICTED,
					.weight = 1,
					.count = 1,
					.message = message,
				});
}

/* It is there as the trace ends: that is another rule's (dl-actual). */
static bool has_happened(const struct state *st, const struct circle *c,
			 const struct world *world)
{
	if (c->is_own || st->info->header->state == CMSHIM_STOPPED)
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (world->threads[c->moments[i].thread].waits_for !=
			    circle_asks(st->circles, c, i) ||
		    st->asked->askings[c->askings[i]].flags & ~ASKING_QUEUED)
			return false;
	return true;
}

/* Where the lock of one of its orders was given up by a call that was not
   seen, it is not known to have been held then. */
static bool was_given_up(const struct state *st, const struct circle *c,
			 const struct world *world)
{
	for (size_t i = 0; i < c->n; i++)
		if (world->objects[circle_holds(st->circles, c, i)].given_up)
			return true;
	return false;
}

/* Those of which nothing makes it doubtful that they are one. */
static bool may_be_reached(const void *with, const struct circle *c)
{
	const struct state *st = with;

	bool doubtful;

	if (c->is_own || has_happened(st, c, st->world) ||
	    was_given_up(st, c, st->world))
		return false;
	return !circle_doubts(st->circles, c, &doubtful) && !doubtful;
}

static bool wants(void *state, const struct world *world)
{
	struct state *st = state;

	st->world = world;
	st->circles = circles_find(st->asked, world, st->mem);
	st->reach = circle_reach_new(st->circles, may_be_reached, st);
	return st->reach;
}

static void event_again(void *state, const struct event *ev, struct reorder *r)
{
	struct state *st = state;

	circle_reach_event(st->reach, ev, r);
}

static bool ask(void *state, struct reorder *r)
{
	struct state *st = state;

	return circle_reach_ask(st->reach, r);
}

static void gave_up(void *state)
{
	struct state *st = state;

	st->gave_up = true;
}

static const struct second_time again = {
	.wants = wants,
	.event = event_again,
	.ask = ask,
	.gave_up = gave_up,
};

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	if (!st->circles)
		st->circles = circles_find(st->asked, world, st->mem);
	for (size_t i = 0; i < st->circles->n; i++)
		st->circles->all[i].is_left_out =
			has_happened(st, &st->circles->all[i], world) ||
			was_given_up(st, &st->circles->all[i], world);
	circles_fold(st->circles);
	if (st->circles->n)
		st->doubt = unseen_doubt(world, st->has_futexes);
	for (size_t i = 0; i < st->circles->n; i++)
		if (!st->circles->all[i].is_left_out)
			add_finding(st, &st->circles->all[i], out);
	if (st->circles->gave_up)
		add_limit(&rules[POTENTIAL],
			  "There are too many lock orders to look at all: some "
			  "circles may not have been found",
			  out);
	if (st->gave_up)
		add_limit(&rules[PREDICTED],
			  "The trace is too long to be searched as a whole for "
			  "orders that end in a deadlock: some that are only "
			  "called potential may be such",
			  out);
	circle_reach_free(st->reach);
	circles_free(st->circles);
	asked_free(st->asked);
}

static const struct hearing hears[] = {
	{ ANALYSIS_ACQUIRES, acquired },
	{ ANALYSIS_RELEASES, released },
	{ .ops = 0 },
};

const struct analysis analysis_lock_order = {
	.name = "lock-order",
	.help = "locks taken in orders that can end in a deadlock",
	.rules = rules,
	.wants = ASKED_OPS | ANALYSIS_OP(CMSHIM_OP_WAIT),
	.begin = begin,
	.event = event,
	.hears = hears,
	.again = &again,
	.finish = finish,
};
