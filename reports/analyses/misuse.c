/* SPDX-License-Identifier: MIT */
/*
 * Misuse: locks given up by a thread that does not hold them, given up twice,
 * and held by a thread when it ends.
 *
 * What the recorder flags as FOREIGN it could not find among the locks that
 * the thread holds; what is wrong about it is decided here, by who does hold
 * the lock.  Where that is not known for sure nothing is said: locks that may
 * have been taken before the trace began or in another process, and locks of
 * which events are missing.
 *
 * A release is recorded before it is made.  If it fails (an error-checking
 * mutex refuses) the thread's next event says so, and it was none; so a
 * finding waits for that event.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "analysis.h"
#include "ledger.h"
#include "world/kin.h"
#include "world/lockset.h"
#include "world/site.h"

enum { NOT_OWNER, DOUBLE_UNLOCK, EXIT_HELD, CANCEL_HELD };

static const struct rule rules[] = {
	[NOT_OWNER] = {
		.id = "lock-unlock-not-owner",
		.title = "A lock was released by a thread that did not hold it",
		.help = "One thread released a lock that another one held. "
			"POSIX leaves the result undefined; in practice the "
			"lock is free from then on, and a third thread enters "
			"while the holder still works on what it protects. "
			"Releases that failed, as those of error-checking, "
			"recursive and robust mutexes do, are not reported. "
			"What it can miss: locks of which events were lost, "
			"until they are next released. What it can get wrong: "
			"nothing, if lock and unlock are both calls that are "
			"recorded; a library that releases a lock by other "
			"means makes its holder look like one too long. What "
			"to do: release where it was taken, or use a "
			"semaphore to hand over from thread to thread.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	[DOUBLE_UNLOCK] = {
		.id = "lock-double-unlock",
		.title = "A lock was released that nobody held",
		.help = "A thread released a lock that had been released "
			"before and not been taken since. POSIX leaves the "
			"result undefined: the lock may count itself free "
			"twice and let two threads in, or take the lock away "
			"from the thread that gets it in between. Shown are "
			"the release and the thread that had it last. What it "
			"can miss: the first release of a lock that the trace "
			"never saw taken, locks shared between processes, "
			"and locks of which events were lost. What it can get "
			"wrong: a lock taken by code that is not recorded, "
			"such as a statically linked library. What to do: "
			"look for a path, often the one for errors, that "
			"releases once more than it takes.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	[EXIT_HELD] = {
		.id = "lock-exit-held",
		.title = "A thread ended with a lock held",
		.help = "The thread is gone and the lock stays taken: whoever "
			"wants it next waits for ever. For a robust mutex it "
			"is a warning, because the next owner is told "
			"(EOWNERDEAD). Destructors of thread-specific data "
			"may still release it and are waited for. What it can "
			"miss: threads that were still running when the "
			"process ended, and the thread that ended it. What it "
			"can get wrong: a lock that is released by other "
			"means than a recorded call and not taken again. What to do: release on "
			"every path out of the thread; where it may be "
			"cancelled, with pthread_cleanup_push().",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	[CANCEL_HELD] = {
		.id = "lock-cancel-held",
		.title = "A thread was cancelled and ended with a lock held",
		.help = "The thread was cancelled in a wait (or jumped out of "
			"it from a signal handler) and ended after that, and "
			"the lock stays taken: whoever wants it next waits "
			"for ever. A condition wait that is cancelled takes "
			"its mutex again first. What it can miss: threads "
			"that were cancelled elsewhere, as in read(); they "
			"are told as lock-exit-held. What it can get wrong: "
			"what lock-exit-held can. What to do: release it in "
			"a cleanup handler (pthread_cleanup_push), or do not "
			"allow cancellation while it is held.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	{ .id = NULL },
};

/* Where a thread took part: what a side is made of. */
struct mistake {
	int rule;
	uint32_t object;
	struct site self, other; /* other.thread 0: nobody */
	uint64_t count;
};

/* A mistake that may yet turn out to have failed. */
struct suspicion {
	bool is_open;
	struct mistake mistake;
};

/* Who released a lock last, and where it had taken it. */
struct releaser {
	uint32_t thread, stack;
};

/* What was added about a lock that a thread ended with. */
struct left {
	int rule;
	uint32_t stack; /* where it was taken; 0: there is nothing */
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct releaser *releasers;   /* by object */
	struct left *left;	      /* by object */
	struct suspicion *suspicions; /* by thread */
	struct table *taken;	/* (thread, object): by those that were there
				   before the recording */
	bool *was_cancelled;	/* by thread: in its last wait */
	uint32_t n_suspicions;	/* open ones */
	struct ledger mistakes; /* by rule and object, and stacks */
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.releasers = arena_alloc(mem, info->n_objects *
						      sizeof(*st->releasers)),
		.left = arena_alloc(mem, info->n_objects * sizeof(*st->left)),
		.suspicions = arena_alloc(mem, info->n_threads *
						       sizeof(*st->suspicions)),
		.taken = table_new(),
		.was_cancelled = arena_alloc(mem, info->n_threads),
		.mistakes = ledger_of(sizeof(struct mistake)),
	};
	return st;
}

static struct mistake *known_mistake(struct state *st, int rule,
				     uint32_t object, uint32_t stack,
				     uint32_t other_stack, bool *is_new)
{
	return ledger_at(&st->mistakes, (uint64_t)rule << 32 | object,
			 (uint64_t)stack << 32 | other_stack, is_new);
}

static void add_mistake(struct state *st, const struct mistake *m)
{
	bool is_new;
	struct mistake *known = known_mistake(
		st, m->rule, m->object, m->self.stack, m->other.stack, &is_new);

	if (is_new)
		*known = *m;
	known->count++;
}

/*
 * Another thread has the lock, or had it: whoever ended with it had given it
 * up by a call that is not recorded.
 */
static void was_not_left(struct state *st, const struct event *ev)
{
	struct left *left = &st->left[ev->object];
	bool is_new;

	if (!left->stack || ev->flags & CMSHIM_FOREIGN)
		return;
	/* The next owner of a robust mutex is told that it was. */
	if (!(ev->flags & CMSHIM_OWNER_DIED))
		known_mistake(st, left->rule, ev->object, left->stack, 0,
			      &is_new)
			->count--;
	left->stack = 0;
}

/* Whether a release by a thread that does not have the lock must fail. */
static bool refuses_others(const struct object_info *info)
{
	return info->class == CMSHIM_MUTEX &&
	       info->kind & (CMSHIM_RECURSIVE | CMSHIM_ERRORCHECK |
			     CMSHIM_ROBUST | CMSHIM_PRIO_INHERIT);
}

static struct site holder_site(const struct world *world, uint32_t thread,
			       uint32_t object)
{
	const struct held *h = world_holds(world, thread, object);

	return (struct site){
		.thread = thread,
		.stack = h ? h->stack : 0,
		.lockset = locksets_number(world, thread),
	};
}

/*
 * Whether somebody may hold the lock whom the trace does not know: another
 * process, or the parent before it forked.
 */
static bool may_be_held_elsewhere(const struct state *st, uint32_t object,
				  const struct world_object *o)
{
	const struct object_info *info = &st->info->objects[object];

	if (!o->was_held || info->kind & CMSHIM_PROCESS_SHARED)
		return true;
	return st->info->header->flags & CMSHIM_FORKED &&
	       info->kind & CMSHIM_RECURSIVE &&
	       !(info->kind & CMSHIM_SEEN_INIT);
}

/*
 * A thread that nobody was seen to make may have been there before the
 * recording began, as an allocator's own, with locks held.  The first one was
 * seen from its beginning.
 */
static bool was_there_before(const struct state *st, uint32_t thread)
{
	const struct thread_info *info = &st->info->threads[thread];

	return !info->parent && info->number != 1;
}

static void foreign_release(struct state *st, const struct event *ev,
			    const struct world *world)
{
	const struct world_object *o = &world->objects[ev->object];
	struct mistake m = {
		.object = ev->object,
		.self = holder_site(world, ev->thread, ev->object),
	};
	uint32_t holder = world_holder(world, ev->object);

	if (o->uncertain || !kin_is_lock(st->info, ev->object))
		return;
	m.self.stack = ev->stack;
	m.self.call = ev->call;
	if (holder) {
		m.rule = NOT_OWNER;
		m.other = holder_site(world, holder, ev->object);
	} else if (was_there_before(st, ev->thread) &&
		   !table_find(st->taken, ev->thread, ev->object)) {
		return;
	} else if (!may_be_held_elsewhere(st, ev->object, o)) {
		m.rule = DOUBLE_UNLOCK;
		m.other.thread = st->releasers[ev->object].thread;
		m.other.stack = st->releasers[ev->object].stack;
	} else {
		return;
	}
	st->suspicions[ev->thread] = (struct suspicion){
		.is_open = true,
		.mistake = m,
	};
	st->n_suspicions++;
}

/* The event after a suspicious release: did that fail? */
static void judge(struct state *st, const struct event *ev)
{
	struct suspicion *s = &st->suspicions[ev->thread];
	uint32_t object = s->mistake.object;

	s->is_open = false;
	st->n_suspicions--;
	if (ev->op == CMSHIM_OP_RELEASE_FAILED && ev->object == object)
		return;
	/* The process may have ended before the failure was recorded. */
	if (ev->op == EVENT_THREAD_END &&
	    refuses_others(&st->info->objects[object]))
		return;
	add_mistake(st, &s->mistake);
}

static void thread_ended(struct state *st, const struct event *ev,
			 const struct world *world)
{
	const struct world_thread *t = &world->threads[ev->thread];

	for (size_t i = 0; t->exited && i < t->n_held; i++) {
		const struct held *h = &t->held[i];
		struct mistake m = {
			.rule = st->was_cancelled[ev->thread] ? CANCEL_HELD
							      : EXIT_HELD,
			.object = h->object,
			.self = holder_site(world, ev->thread, h->object),
		};

		/* Of a recursive lock only the last of its acquisitions. */
		if (h != world_holds(world, ev->thread, h->object) ||
		    world->objects[h->object].uncertain)
			continue;
		add_mistake(st, &m);
		if (!h->shared)
			st->left[h->object] = (struct left){
				.rule = m.rule,
				.stack = m.self.stack,
			};
	}
}

static void judge_last(struct state *st, const struct event *ev)
{
	if (st->n_suspicions && st->suspicions[ev->thread].is_open)
		judge(st, ev);
}

static void acquired(void *state, const struct event *ev,
		     const struct world *world)
{
	struct state *st = state;

	(void)world;
	judge_last(st, ev);
	if (ev->op == CMSHIM_OP_ACQUIRE)
		was_not_left(st, ev);
	if (was_there_before(st, ev->thread))
		*table_at(st->taken, ev->thread, ev->object) = 1;
	st->was_cancelled[ev->thread] |= !!(ev->flags & CMSHIM_CANCELLED);
}

static void released(void *state, const struct event *ev,
		     const struct world *world)
{
	struct state *st = state;
	const struct held *h = world_holds(world, ev->thread, ev->object);

	judge_last(st, ev);
	if (ev->op == CMSHIM_OP_RELEASE)
		was_not_left(st, ev);
	if (h)
		st->releasers[ev->object] = (struct releaser){
			.thread = ev->thread,
			.stack = h->stack,
		};
	else if (ev->flags & CMSHIM_FOREIGN)
		foreign_release(st, ev, world);
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;

	judge_last(st, ev);
	switch (ev->op) {
	case CMSHIM_OP_REQUEST_FAILED:
		st->was_cancelled[ev->thread] |=
			!!(ev->flags & CMSHIM_CANCELLED);
		break;
	case CMSHIM_OP_WAIT:
		/* It had been a jump, and the thread went on. */
		st->was_cancelled[ev->thread] = false;
		break;
	case EVENT_THREAD_END:
		thread_ended(st, ev, world);
		break;
	}
}

#define MAX_SIDES 4u

/* Threads that wait for the lock as the trace ends. */
static size_t add_waiters(const struct world *world, uint32_t object,
			  struct side *sides, size_t n)
{
	const struct world_object *o = &world->objects[object];

	for (uint32_t i = 1; i < world->info->n_threads && o->n_waiting; i++)
		if (n < MAX_SIDES && world->threads[i].waits_for == object)
			sides[n++] = (struct side){
				.role = "waits for it",
				.thread = i,
				.stack = world->threads[i].wait_stack,
				.waits_for = object,
			};
	return n;
}

static void describe(struct state *st, const struct mistake *m,
		     const struct world *world, struct side *sides,
		     struct finding *f)
{
	static const char *const roles[][2] = {
		[NOT_OWNER] = { "released it", "held it" },
		[DOUBLE_UNLOCK] = { "released it", "had released it before" },
		[EXIT_HELD] = { "ended with it held", NULL },
		[CANCEL_HELD] = { "was cancelled with it held", NULL },
	};

	sides[0] = site_side(&m->self, roles[m->rule][0], world, st->mem);
	f->n_sides = 1;
	if (m->other.thread) {
		sides[f->n_sides] =
			site_side(&m->other, roles[m->rule][1], world, st->mem);
		sides[f->n_sides++].held_unknown = m->rule == DOUBLE_UNLOCK;
	}
	switch (m->rule) {
	case NOT_OWNER:
		f->message = "It was released while another thread held it";
		f->advice = "Release the lock in the thread and on the path "
			    "that took it.";
		break;
	case DOUBLE_UNLOCK:
		f->message = "It was released twice after it was taken once";
		f->advice = "Find the path that releases it a second time; "
			    "the second side shows where it was last taken.";
		break;
	case EXIT_HELD:
	case CANCEL_HELD:
		f->n_sides = add_waiters(world, m->object, sides, f->n_sides);
		f->message = f->n_sides > 1 ? "The thread ended without "
					      "releasing it, and others wait"
					    : "The thread ended without "
					      "releasing it";
		f->advice = "Release it on every path out of the thread.";
		if (st->info->objects[m->object].kind & CMSHIM_ROBUST)
			f->level = LEVEL_WARNING;
		break;
	}
}

static void add_finding(struct state *st, const struct mistake *m,
			const struct world *world, struct report *out)
{
	struct side sides[MAX_SIDES];
	struct finding f = {
		.rule = &rules[m->rule],
		.level = LEVEL_ERROR,
		.tier = TIER_OBSERVED,
		.object = m->object,
		.weight = m->count,
		.count = m->count,
		.sides = sides,
	};

	describe(st, m, world, sides, &f);
	report_add_finding(out, &f);
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	for (uint32_t i = 0; i < st->info->n_threads; i++)
		if (st->suspicions[i].is_open)
			judge(st, &(struct event){ .op = EVENT_THREAD_END,
						   .thread = i });
	for (size_t i = 0; i < st->mistakes.n; i++) {
		const struct mistake *m = ledger_get(&st->mistakes, i);

		if (m->count)
			add_finding(st, m, world, out);
	}
	ledger_release(&st->mistakes);
	table_free(st->taken);
}
static const struct hearing hears[] = {
	{ ANALYSIS_ACQUIRES, acquired },
	{ ANALYSIS_RELEASES, released },
	{ .ops = 0 },
};

const struct analysis analysis_misuse = {
	.name = "misuse",
	.help = "locks released wrongly or never",
	.rules = rules,
	.wants =
		ANALYSIS_LOCK_OPS | ANALYSIS_OP(CMSHIM_OP_WAIT) | ANALYSIS_MADE,
	.begin = begin,
	.event = event,
	.hears = hears,
	.finish = finish,
};
