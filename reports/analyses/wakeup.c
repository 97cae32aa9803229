/* SPDX-License-Identifier: MIT */
/*
 * Wake-ups of condition variables: signals that met nobody while a thread was
 * about to wait, and waits that ended unasked and were not begun again.
 *
 * Signals and waits of one condition are numbered, so what met what is exact.
 * Whether a signal came before or after a thread took the mutex to look is
 * not known, so a lost wake-up is a guess, made only where nothing else came
 * for the thread until the trace ended.
 */
#include <stdlib.h>

#include "analysis.h"
#include "locks/mistakes.h"
#include "world/hardorder.h"

enum { LOST_WAKEUP, NO_RECHECK };

static const struct rule rules[] = {
	[LOST_WAKEUP] = {
		.id = "cv-lost-wakeup",
		.title = "A signal met nobody, and a thread waits for it still",
		.help = "A thread signalled the condition when nobody waited, "
			"without having taken the mutex for it; another one "
			"began to wait afterwards and waited when the trace "
			"ended, without any signal since. If what it waits "
			"for was changed between its look and its wait, the "
			"wake-up was lost and it waits for ever. It is a note "
			"if the program ended in its own way. What it can "
			"miss: signals after which others came, waits with a "
			"time limit. What it can get wrong: a thread that "
			"found nothing to do and is idle; a signal that came "
			"before the thread looked. What to do: change what is "
			"waited for with the mutex held.",
		.level = LEVEL_WARNING,
		.unit = "count",
	},
	[NO_RECHECK] = {
		.id = "cv-no-recheck",
		.title = "A wait ended unasked and was not begun again",
		.help = "A wait for a condition returned though nobody had "
			"signalled, which POSIX allows, and the thread went on "
			"and released the mutex without waiting again. It may "
			"look at the condition once (if) where it has to look "
			"again after each wake-up (while). What it can miss: "
			"waits that returned only when signalled, so most. "
			"What it can get wrong: what was waited for had come "
			"true in between; signals that were not recorded. "
			"What to do: wait in a loop that checks the condition.",
		.level = LEVEL_NOTE,
		.unit = "count",
	},
	{ .id = NULL },
};

#define N_TAKEN 8u /* locks of a thread that are remembered */

/* A signal that nobody waited for. */
struct idle {
	struct side side;
	struct moment when;
	uint32_t taken[N_TAKEN]; /* locks the thread had taken for it */
	uint32_t n_taken;	 /* more than there is room for: unsure */
};

struct condition {
	uint64_t n_signals;
	uint64_t signalled_to; /* largest END of a signal */
	uint32_t n_waiting;
	bool met_nobody;   /* the last signal */
	struct idle *idle; /* it, then */
};

struct wait {
	uint32_t condition; /* 0: none yet */
	uint32_t mutex, stack, call;
	uint64_t number;
	uint64_t n_signals; /* of the condition before it */
	bool is_timed, may_have_missed;
};

struct thread {
	struct wait wait;
	/* What the thread did after a wait that nobody had ended. */
	enum { IN_ORDER, UNASKED, RELEASED } after;
	uint32_t taken[N_TAKEN]; /* since the signal before last */
	uint32_t n_taken;
	bool has_signalled; /* and taken nothing since */
	bool is_torn;
};

/* A wait that nobody had ended and that was not begun again. */
struct unasked {
	struct wait wait;
	uint32_t thread;
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct hardorder *hard;
	struct thread *threads;
	struct condition *conditions; /* by object */
	struct unasked *unasked;
	size_t n, room;
	struct mistakes *mistakes;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.hard = hardorder_new(info),
		.threads = arena_alloc(mem,
				       info->n_threads * sizeof(*st->threads)),
		.conditions = arena_alloc(mem, info->n_objects *
						       sizeof(*st->conditions)),
		.mistakes = mistakes_new(mem, info),
	};
	return st;
}

static void acquired(struct state *st, const struct event *ev)
{
	struct thread *t = &st->threads[ev->thread];

	if (t->has_signalled)
		t->n_taken = 0;
	t->has_signalled = false;
	if (t->n_taken < N_TAKEN)
		t->taken[t->n_taken] = ev->object;
	if (t->n_taken <= N_TAKEN)
		t->n_taken++;
}

static bool has_taken(const struct idle *idle, uint32_t mutex)
{
	for (uint32_t i = 0; i < idle->n_taken && i < N_TAKEN; i++)
		if (idle->taken[i] == mutex)
			return true;
	return idle->n_taken > N_TAKEN;
}

static void add_taken(struct idle *idle, uint32_t lock)
{
	if (idle->n_taken < N_TAKEN)
		idle->taken[idle->n_taken] = lock;
	if (idle->n_taken <= N_TAKEN)
		idle->n_taken++;
}

static void signals(struct state *st, const struct event *ev,
		    const struct world *world)
{
	struct condition *c = &st->conditions[ev->object];
	struct thread *t = &st->threads[ev->thread];
	const struct world_thread *now = &world->threads[ev->thread];

	c->n_signals++;
	c->met_nobody = !c->n_waiting && !t->is_torn;
	t->has_signalled = true;
	if (!c->met_nobody)
		return;
	if (!c->idle)
		c->idle = arena_alloc(st->mem, sizeof(*c->idle));
	*c->idle = (struct idle){
		.side = { .role = "signalled when nobody waited",
			  .thread = ev->thread,
			  .call = ev->call,
			  .stack = ev->stack,
			  .held_unknown = true },
		.when = hardorder_now(st->hard, ev->thread),
	};
	for (uint32_t i = 0; i < t->n_taken && i < N_TAKEN; i++)
		add_taken(c->idle, t->taken[i]);
	for (size_t i = 0; i < now->n_held; i++)
		add_taken(c->idle, now->held[i].object);
	if (t->n_taken > N_TAKEN)
		c->idle->n_taken = t->n_taken;
}

static bool may_miss(struct state *st, const struct condition *c,
		     const struct event *ev)
{
	struct moment now;

	if (!c->met_nobody || c->idle->side.thread == ev->thread ||
	    has_taken(c->idle, ev->other))
		return false;
	now = hardorder_now(st->hard, ev->thread);
	return !hardorder_are_ordered(st->hard, &c->idle->when, &now);
}

static void waits(struct state *st, const struct event *ev)
{
	struct condition *c = &st->conditions[ev->object];

	c->n_waiting++;
	st->threads[ev->thread].wait = (struct wait){
		.condition = ev->object,
		.mutex = ev->other,
		.stack = ev->stack,
		.call = ev->call,
		.number = ev->seq,
		.n_signals = c->n_signals,
		.is_timed = ev->flags & CMSHIM_TIMED,
		.may_have_missed = may_miss(st, c, ev),
	};
}

static void wakes(struct state *st, const struct event *ev)
{
	struct condition *c = &st->conditions[ev->object];
	struct thread *t = &st->threads[ev->thread];

	if (c->n_waiting)
		c->n_waiting--;
	if (!ev->code && t->wait.condition == ev->object && !t->is_torn &&
	    t->wait.n_signals == c->n_signals && t->wait.mutex)
		t->after = UNASKED;
}

/* The thread's next event after it had released the mutex. */
static void goes_on(struct state *st, const struct event *ev)
{
	struct thread *t = &st->threads[ev->thread];

	t->after = IN_ORDER;
	if (ev->op == CMSHIM_OP_WAIT && ev->object == t->wait.condition)
		return;
	st->unasked = grow(st->unasked, &st->room, st->n, sizeof(*st->unasked));
	st->unasked[st->n++] = (struct unasked){
		.wait = t->wait,
		.thread = ev->thread,
	};
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;
	struct thread *t = &st->threads[ev->thread];

	if (t->after == RELEASED)
		goes_on(st, ev);
	switch (ev->op) {
	case CMSHIM_OP_ACQUIRE:
	case CMSHIM_OP_ACQUIRE_SHARED:
		acquired(st, ev);
		break;
	case CMSHIM_OP_RELEASE:
		if (t->after == UNASKED && ev->object == t->wait.mutex)
			t->after = RELEASED;
		break;
	case CMSHIM_OP_WAIT:
		if (st->info->objects[ev->object].class == CMSHIM_CONDITION)
			waits(st, ev);
		break;
	case CMSHIM_OP_WAKE:
		wakes(st, ev);
		break;
	case CMSHIM_OP_SIGNAL:
	case CMSHIM_OP_BROADCAST:
		signals(st, ev, world);
		break;
	case CMSHIM_OP_SIGNALLED:
		if (ev->end > st->conditions[ev->object].signalled_to)
			st->conditions[ev->object].signalled_to = ev->end;
		break;
	case CMSHIM_OP_DROP:
		t->is_torn = true;
		break;
	default:
		hardorder_event(st->hard, ev);
	}
}

/* What other processes do is not in this trace. */
static bool is_shared(const struct state *st, const struct wait *w)
{
	return st->info->objects[w->mutex].kind & CMSHIM_PROCESS_SHARED;
}

static struct side side_of(const struct wait *w, uint32_t thread,
			   const char *role)
{
	return (struct side){
		.role = role,
		.thread = thread,
		.call = w->call,
		.stack = w->stack,
		.held_unknown = true,
	};
}

static void add_lost(struct state *st, const struct world *world)
{
	for (uint32_t i = 1; i < st->info->n_threads; i++) {
		const struct wait *w = &st->threads[i].wait;
		const struct condition *c = &st->conditions[w->condition];
		struct side side = side_of(w, i, "waits");
		struct mistake *m;

		if (!w->may_have_missed || w->is_timed || is_shared(st, w) ||
		    world->threads[i].waits_condition != w->condition ||
		    w->n_signals != c->n_signals || st->threads[i].is_torn ||
		    world->threads[i].exited)
			continue;
		m = mistakes_add(st->mistakes, &rules[LOST_WAKEUP],
				 w->condition, w->stack, c->idle->side.stack);
		if (!m)
			continue;
		m->finding.message =
			"It was signalled without the mutex when nobody "
			"waited; a thread came to wait after that, and nobody "
			"signalled again";
		m->finding.advice = "Change what is waited for while the "
				    "mutex is held, also where it is atomic.";
		if (st->info->header->state != CMSHIM_RECORDING)
			m->finding.level = LEVEL_NOTE;
		side.waits_for = w->condition;
		side.has_time = true;
		side.time_ns = world->threads[i].waits_since_ns;
		mistakes_side(st->mistakes, m, &side, world);
		m->sides[m->finding.n_sides++] = c->idle->side;
	}
}

static void add_unasked(struct state *st)
{
	for (size_t i = 0; i < st->n; i++) {
		const struct wait *w = &st->unasked[i].wait;
		struct mistake *m;

		/* A call that signalled may have gone on until then. */
		if (st->conditions[w->condition].signalled_to >= w->number ||
		    is_shared(st, w))
			continue;
		m = mistakes_add(st->mistakes, &rules[NO_RECHECK], w->condition,
				 w->stack, 0);
		if (!m)
			continue;
		m->finding.message = "The wait returned though nobody had "
				     "signalled, and was not begun again";
		m->finding.advice = "Wait in a loop: while (!condition) wait.";
		m->sides[m->finding.n_sides++] =
			side_of(w, st->unasked[i].thread, "waited");
	}
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;
	const struct trace_info *info = st->info;
	bool is_whole = !info->n_lost && !info->n_gaps && !info->truncated &&
			!info->damaged && info->header->state != CMSHIM_STOPPED;

	if (is_whole) {
		add_lost(st, world);
		add_unasked(st);
	}
	mistakes_report(st->mistakes, out);
	mistakes_free(st->mistakes);
	hardorder_free(st->hard);
	store_free(st->unasked);
}

const struct analysis analysis_wakeup = {
	.name = "wakeup",
	.help = "signals that were lost, and waits that do not look again",
	.rules = rules,
	.about = ANALYSIS_CLASS(CMSHIM_CONDITION),
	.begin = begin,
	.event = event,
	.finish = finish,
};
