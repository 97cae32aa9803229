/* SPDX-License-Identifier: MIT */
/*
 * Condition variables: which mutex they are waited with, what is held
 * meanwhile, and whether they end before the waits do.
 *
 * A wait's end is recorded when the call has returned, which may be long after
 * the wake-up.  So a thread waits for sure only as long as nobody has
 * signalled since it began, and if it has no time limit.
 */
#include <stdlib.h>

#include "analysis.h"
#include "locks/mistakes.h"

enum { TWO_MUTEXES, HOLDING_OTHER, DESTROYED };

static const struct rule rules[] = {
	[TWO_MUTEXES] = {
		.id = "cv-two-mutexes",
		.title = "Threads wait for a condition with different mutexes",
		.help = "Two threads waited for the same condition variable "
			"at the same time, and gave different mutexes. POSIX "
			"leaves the result undefined, and the condition that "
			"is waited for is protected by neither. What it can "
			"miss: waits that a signal may have ended already, "
			"and those with a time limit. What it can get wrong: "
			"nothing known. What to do: use one mutex with each "
			"condition variable.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	[HOLDING_OTHER] = {
		.id = "cv-wait-holding-other",
		.title = "A thread waits for a condition with a lock held",
		.help = "The wait gives up its own mutex, but not the other "
			"locks that the thread holds. They stay taken for as "
			"long as nobody signals; and if who is to signal "
			"needs one of them first, for ever. It is a note, for "
			"some programs mean it, as a stream that is flushed "
			"and then joined; and a warning if a thread that "
			"signals this condition was seen to wait for the lock "
			"meanwhile: had nobody else signalled, both would wait "
			"still. It is a warning as well if the lock is the "
			"wait's own mutex: of a recursive one that was taken "
			"several times the wait gives up one level, so nobody "
			"can change what it waits for. What it can miss: "
			"waits for which others need the lock, but with a "
			"time limit, are a note; locks of which events were "
			"lost. What it can get wrong: the warning, if the "
			"thread had signalled by other means, or what is "
			"waited for is not guarded by the mutex. What to do: "
			"release the other lock before the wait, and take the "
			"mutex once.",
		.level = LEVEL_WARNING,
		.unit = "count",
	},
	[DESTROYED] = {
		.id = "cv-destroy-waiting",
		.title = "A condition was destroyed while a thread waited",
		.help = "A thread was in a wait for the condition variable, "
			"and nobody had signalled since it began. POSIX "
			"leaves the result undefined; glibc's "
			"pthread_cond_destroy() waits for the thread, which "
			"nobody wakes. Often it is the end of a program that "
			"destroys static objects while threads still run. "
			"What it can miss: waits with a time limit. What it "
			"can get wrong: nothing known. What to do: wake and "
			"join the threads first.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	{ .id = NULL },
};

struct condition {
	uint64_t n_signals;
	uint64_t signalled_to; /* largest END of a signal: it went on so long */
	uint32_t n_waiting;
	uint32_t waits;		  /* thread that began to wait last */
	bool is_waited_with_lock; /* other than the mutex */
};

struct thread {
	uint64_t n_signals; /* of the condition, before its wait began */
	uint64_t number;    /* of that */
	uint32_t stack;	    /* of the wait */
	uint32_t call;
	bool is_timed, is_torn;
};

/* A thread came to wait for a lock that one in a condition wait held. */
struct block {
	uint32_t condition, lock, thread;
};

struct state {
	const struct trace_info *info;
	struct thread *threads;
	struct condition *conditions; /* by object */
	struct table *signallers;     /* (condition, thread) to 1 */
	struct table *known;	      /* (condition, lock), thread to 1 */
	struct block *blocks;
	size_t n_blocks, room_blocks;
	struct mistakes *mistakes;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.info = info,
		.threads = arena_alloc(mem,
				       info->n_threads * sizeof(*st->threads)),
		.conditions = arena_alloc(mem, info->n_objects *
						       sizeof(*st->conditions)),
		.signallers = table_new(),
		.known = table_new(),
		.mistakes = mistakes_new(mem, info),
	};
	return st;
}

/* Whether nothing can have ended the thread's wait yet. */
static bool waits_for_sure(const struct state *st, const struct world *world,
			   uint32_t thread, uint32_t condition)
{
	const struct thread *t = &st->threads[thread];
	const struct condition *c = &st->conditions[condition];

	return world->threads[thread].waits_condition == condition &&
	       t->n_signals == c->n_signals && t->number > c->signalled_to &&
	       !t->is_timed && !t->is_torn;
}

static void add_waiting(struct state *st, struct mistake *m, uint32_t thread,
			const struct world *world)
{
	const struct world_thread *t = &world->threads[thread];
	struct side side = {
		.role = "waited",
		.thread = thread,
		.call = st->threads[thread].call,
		.stack = st->threads[thread].stack,
		.waits_for = t->waits_condition,
		.has_time = true,
		.time_ns = t->waits_since_ns,
	};

	mistakes_side(st->mistakes, m, &side, world);
}

static struct side waiting(const struct event *ev)
{
	return (struct side){
		.role = "waited",
		.thread = ev->thread,
		.call = ev->call,
		.stack = ev->stack,
		.waits_for = ev->object,
		.has_time = ev->has_time,
		.time_ns = ev->time_ns,
	};
}

static void other_mutex(struct state *st, const struct event *ev,
			const struct world *world)
{
	uint32_t other = st->conditions[ev->object].waits;
	struct side side = waiting(ev);
	struct mistake *m;

	m = mistakes_add(st->mistakes, &rules[TWO_MUTEXES], ev->object,
			 ev->stack, st->threads[other].stack);
	if (!m)
		return;
	m->finding.message = "Two threads wait for it at the same time, each "
			     "with a mutex of its own";
	m->finding.advice = "Use the mutex that protects what is waited for, "
			    "in all waits.";
	mistakes_side(st->mistakes, m, &side, world);
	add_waiting(st, m, other, world);
}

static const struct held *other_lock(const struct world *world,
				     const struct event *ev)
{
	const struct world_thread *t = &world->threads[ev->thread];

	for (size_t i = t->n_held; i > 0; i--)
		if (t->held[i - 1].object != ev->other)
			return &t->held[i - 1];
	return NULL;
}

/* The wait's own mutex was given up just before, by one level. */
static const struct held *kept_mutex(const struct state *st,
				     const struct world *world,
				     const struct event *ev)
{
	return st->info->objects[ev->other].kind & CMSHIM_RECURSIVE
		       ? world_holds(world, ev->thread, ev->other)
		       : NULL;
}

static void with_other_lock(struct state *st, const struct event *ev,
			    const struct held *h, const struct world *world)
{
	struct side side = waiting(ev);
	struct mistake *m;

	st->conditions[ev->object].is_waited_with_lock = true;
	m = mistakes_add(st->mistakes, &rules[HOLDING_OTHER], ev->object,
			 ev->stack, h->stack);
	if (!m)
		return;
	m->finding.level = LEVEL_NOTE; /* so far: finish() */
	m->finding.message = "The lock stays taken until somebody signals";
	m->finding.advice = "Release the other lock before the wait, or take "
			    "it after.";
	mistakes_side(st->mistakes, m, &side, world);
}

static void with_its_mutex(struct state *st, const struct event *ev,
			   const struct held *h, const struct world *world)
{
	struct side side = waiting(ev);
	struct mistake *m = mistakes_add(st->mistakes, &rules[HOLDING_OTHER],
					 ev->object, ev->stack, h->stack);

	if (!m)
		return;
	m->finding.message =
		"The wait gives up one level of its recursive mutex, which "
		"was taken more than once and so stays taken: who changes "
		"what is waited for cannot take it";
	m->finding.advice = "Wait with a mutex that is taken once.";
	mistakes_side(st->mistakes, m, &side, world);
}

static void waits(struct state *st, const struct event *ev,
		  const struct world *world)
{
	struct condition *c = &st->conditions[ev->object];
	struct thread *t = &st->threads[ev->thread];
	const struct held *other = other_lock(world, ev);
	const struct held *kept = kept_mutex(st, world, ev);

	if (c->n_waiting && ev->other && c->waits != ev->thread &&
	    waits_for_sure(st, world, c->waits, ev->object) &&
	    world->threads[c->waits].waits_mutex != ev->other)
		other_mutex(st, ev, world);
	if (other && !t->is_torn)
		with_other_lock(st, ev, other, world);
	if (kept && !t->is_torn)
		with_its_mutex(st, ev, kept, world);
	c->n_waiting++;
	c->waits = ev->thread;
	t->n_signals = c->n_signals;
	t->number = ev->seq;
	t->stack = ev->stack;
	t->call = ev->call;
	t->is_timed = ev->flags & CMSHIM_TIMED;
}

static void signals(struct state *st, const struct event *ev)
{
	struct condition *c = &st->conditions[ev->object];

	c->n_signals++;
	if (c->is_waited_with_lock)
		*table_at(st->signallers, ev->object, ev->thread) = 1;
}

static void requested(struct state *st, const struct event *ev,
		      const struct world *world)
{
	uint32_t owner = world->objects[ev->object].owner;
	uint32_t condition = world->threads[owner].waits_condition;
	uint64_t *known;

	if (!owner || !condition ||
	    !waits_for_sure(st, world, owner, condition))
		return;
	known = table_at(st->known, (uint64_t)condition << 32 | ev->object,
			 ev->thread);
	if (*known)
		return;
	*known = 1;
	st->blocks = grow(st->blocks, &st->room_blocks, st->n_blocks,
			  sizeof(*st->blocks));
	st->blocks[st->n_blocks++] = (struct block){
		.condition = condition,
		.lock = ev->object,
		.thread = ev->thread,
	};
}

static void ends(struct state *st, uint32_t condition, const struct event *ev,
		 const struct world *world)
{
	struct side by = {
		.role = ev->op == CMSHIM_OP_FREED ? "freed it" : "destroyed it",
		.thread = ev->thread,
		.call = ev->call,
		.stack = ev->stack,
	};
	struct mistake *m;
	uint32_t i = 1;

	while (i < st->info->n_threads &&
	       !waits_for_sure(st, world, i, condition))
		i++;
	if (i == st->info->n_threads)
		return;
	m = mistakes_add(st->mistakes, &rules[DESTROYED], condition, ev->stack,
			 st->threads[i].stack);
	if (!m)
		return;
	m->finding.message =
		ev->op == CMSHIM_OP_FREED
			? "Its memory was freed while a thread waited for it"
			: "It was destroyed while a thread waited for it";
	m->finding.advice = "Wake all threads that wait, and let them end, "
			    "before it goes.";
	mistakes_side(st->mistakes, m, &by, world);
	add_waiting(st, m, i, world);
}

static bool is_condition(const struct state *st, uint32_t object)
{
	return st->info->objects[object].class == CMSHIM_CONDITION;
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;
	uint32_t object = ev->object;

	switch (ev->op) {
	case CMSHIM_OP_REQUEST:
	case CMSHIM_OP_REQUEST_SHARED:
		requested(st, ev, world);
		break;
	case CMSHIM_OP_WAIT:
		if (is_condition(st, object))
			waits(st, ev, world);
		break;
	case CMSHIM_OP_WAKE:
		if (st->conditions[object].n_waiting)
			st->conditions[object].n_waiting--;
		break;
	case CMSHIM_OP_SIGNAL:
	case CMSHIM_OP_BROADCAST:
		signals(st, ev);
		break;
	case CMSHIM_OP_SIGNALLED:
		if (ev->end > st->conditions[object].signalled_to)
			st->conditions[object].signalled_to = ev->end;
		break;
	case CMSHIM_OP_DESTROY:
	case CMSHIM_OP_FREED:
		if (st->conditions[object].n_waiting)
			ends(st, object, ev, world);
		break;
	case EVENT_GAP:
		st->conditions[object].n_signals++;
		break;
	case CMSHIM_OP_DROP:
		st->threads[ev->thread].is_torn = true;
		break;
	}
}

static bool holds(const struct side *side, uint32_t lock)
{
	for (size_t i = 0; i < side->n_held; i++)
		if (side->held[i].object == lock)
			return true;
	return false;
}

/* Whether a thread that signals waited for one of the locks meanwhile. */
static bool was_needed(const struct state *st, const struct mistake *m)
{
	for (size_t i = 0; i < st->n_blocks; i++) {
		const struct block *b = &st->blocks[i];

		if (b->condition == m->finding.object &&
		    holds(&m->sides[0], b->lock) &&
		    table_find(st->signallers, b->condition, b->thread))
			return true;
	}
	return false;
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	(void)world;
	for (size_t i = 0; i < mistakes_count(st->mistakes); i++) {
		struct mistake *m = mistakes_at(st->mistakes, i);

		if (m->finding.rule == &rules[HOLDING_OTHER] &&
		    was_needed(st, m))
			m->finding.level = LEVEL_WARNING;
	}
	mistakes_report(st->mistakes, out);
	mistakes_free(st->mistakes);
	table_free(st->signallers);
	table_free(st->known);
	store_free(st->blocks);
}

const struct analysis analysis_condition = {
	.name = "condition",
	.help = "condition variables: mutexes, locks held in waits, their end",
	.rules = rules,
	.wants = ANALYSIS_OP(CMSHIM_OP_REQUEST) |
		 ANALYSIS_OP(CMSHIM_OP_REQUEST_SHARED) |
		 ANALYSIS_OP(CMSHIM_OP_WAIT) | ANALYSIS_OP(CMSHIM_OP_WAKE) |
		 ANALYSIS_OP(CMSHIM_OP_SIGNAL) |
		 ANALYSIS_OP(CMSHIM_OP_BROADCAST) |
		 ANALYSIS_OP(CMSHIM_OP_SIGNALLED) |
		 ANALYSIS_OP(CMSHIM_OP_DESTROY) | ANALYSIS_OP(CMSHIM_OP_FREED) |
		 ANALYSIS_OP(EVENT_GAP) | ANALYSIS_OP(CMSHIM_OP_DROP),
	.about = ANALYSIS_CLASS(CMSHIM_CONDITION),
	.begin = begin,
	.event = event,
	.finish = finish,
};
