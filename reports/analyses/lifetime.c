/* SPDX-License-Identifier: MIT */
/*
 * Locks that end, or begin anew, while somebody uses them: destroyed, freed
 * with the memory they are in, or initialised once more.
 *
 * A lock is in use if it is held, if a thread waits for it, or if a thread is
 * in a condition wait and will take it again.  Holds are numbered on the
 * lock, and so are destroy and free, so whoever had released it before has
 * done so in the trace.  What is not numbered is judged at the end: waits
 * that may fail, which count if they go on still; and init calls, which begin
 * the numbers of another lock.
 */
#include <errno.h>
#include <stdlib.h>

#include "analysis.h"
#include "locks/lifetime_rules.h"
#include "locks/mistakes.h"
#include "world/kin.h"

/* The call that ended a lock, last. */
struct end {
	uint64_t number; /* 0: there was none */
	uint32_t thread, stack, call;
	uint8_t rule;
};

/*
 * The last hold of a lock that is made anew at some time; of others none is
 * noted.  The numbers go on from one to the next; the release of a hold that
 * lasted over the init call is under the old name.
 */
struct tenancy {
	bool is_ended; /* by a call that says so */
	bool is_unsure;
	uint64_t taken, released; /* numbers; 0: not */
	uint32_t holder, stack;
};

struct thread {
	uint64_t lock_number; /* when its request began */
	bool is_timed;	      /* its request */
	bool is_torn;	      /* what it holds is unsure */
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct thread *threads;
	struct end *ends;	   /* by object */
	struct tenancy *tenancies; /* by object */
	bool has_torn;		   /* threads */
	uint32_t *n_in_waits; /* by mutex: condition waits that will take it */
	struct mistakes *mistakes;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.threads = arena_alloc(mem,
				       info->n_threads * sizeof(*st->threads)),
		.ends = arena_alloc(mem, info->n_objects * sizeof(*st->ends)),
		.tenancies = arena_alloc(mem, info->n_objects *
						      sizeof(*st->tenancies)),
		.n_in_waits = arena_alloc(mem, info->n_objects *
						       sizeof(*st->n_in_waits)),
		.mistakes = mistakes_new(mem, info),
	};
	return st;
}

static void add_waiter(struct state *st, struct mistake *m, uint32_t thread,
		       const struct world *world)
{
	struct side side = {
		.role = "waits for it",
		.thread = thread,
		.stack = world->threads[thread].wait_stack,
		.waits_for = m->finding.object,
	};

	mistakes_side(st->mistakes, m, &side, world);
}

enum use { HELD, WAITED_FOR, IN_WAIT, FREE };

static const char *const happened[] = { "It was destroyed",
					"Its memory was freed",
					"It was initialised" };
static const char *const uses[] = { "it was held", "a thread waited for it",
				    ("a thread was in a condition wait that "
				     "ends by taking it"),
				    "it was free" };
static const char *const roles[] = { "destroyed it", "freed it",
				     "initialised it" };

static struct mistake *add(struct state *st, int rule, uint32_t object,
			   const struct side *by, uint32_t other_stack,
			   enum use use, const struct world *world)
{
	struct mistake *m = mistakes_add(st->mistakes, &lifetime_rules[rule],
					 object, by->stack, other_stack);

	if (!m)
		return NULL;
	m->finding.message =
		arena_printf(st->mem, "%s while %s", happened[rule], uses[use]);
	m->finding.advice = "Let all users of the lock end first: join the "
			    "threads, or count who still uses it.";
	mistakes_side(st->mistakes, m, by, world);
	return m;
}

static void held(struct state *st, int rule, uint32_t object,
		 const struct side *by, const struct world *world)
{
	uint32_t holder = world_holder(world, object);
	const struct held *h = world_holds(world, holder, object);
	struct mistake *m;

	if (!h || st->threads[holder].is_torn || world->threads[holder].exited)
		return;
	m = add(st, rule, object, by, h->stack, HELD, world);
	if (!m)
		return;
	mistakes_holder(st->mistakes, m,
			h->shared ? "held it as a reader" : "held it", holder,
			world);
	if (rule == LIFETIME_FREED && holder == by->thread &&
	    !world->objects[object].n_waiting)
		m->finding.level = LEVEL_WARNING;
}

static uint32_t in_condition_wait(const struct state *st, uint32_t object,
				  const struct world *world)
{
	for (uint32_t i = 1; st->n_in_waits[object] && i < st->info->n_threads;
	     i++)
		if (world->threads[i].waits_mutex == object &&
		    !st->threads[i].is_torn)
			return i;
	return 0;
}

static void add_waited(struct state *st, int rule, uint32_t object,
		       const struct side *by, uint32_t waiter,
		       const struct world *world)
{
	struct mistake *m =
		add(st, rule, object, by, world->threads[waiter].wait_stack,
		    WAITED_FOR, world);

	if (m)
		add_waiter(st, m, waiter, world);
}

/* One that goes on until it gets the lock. */
static uint32_t sure_waiter(const struct state *st, uint32_t object,
			    const struct world *world)
{
	if (!kin_is_lock(st->info, object))
		return 0;
	for (uint32_t i = 1; i < st->info->n_threads; i++)
		if (world->threads[i].waits_for == object &&
		    !st->threads[i].is_timed && !st->threads[i].is_torn)
			return i;
	return 0;
}

static void in_wait(struct state *st, int rule, uint32_t object,
		    const struct side *by, uint32_t waiter,
		    const struct world *world)
{
	struct mistake *m = add(st, rule, object, by, 0, IN_WAIT, world);
	const struct side side = { .role = "waits", .thread = waiter };

	if (m)
		mistakes_side(st->mistakes, m, &side, world);
}

static struct side side_of(const struct event *ev, int rule)
{
	return (struct side){
		.role = roles[rule],
		.thread = ev->thread,
		.call = ev->call,
		.stack = ev->stack,
	};
}

static struct end end_by(const struct event *ev, int rule)
{
	return (struct end){
		.number = ev->seq,
		.thread = ev->thread,
		.stack = ev->stack,
		.call = ev->call,
		.rule = (uint8_t)rule,
	};
}

static void ends(struct state *st, int rule, const struct event *ev,
		 const struct world *world)
{
	const struct world_object *o = &world->objects[ev->object];
	struct side by = side_of(ev, rule);
	uint32_t waiter;

	st->tenancies[ev->object].is_ended = true;
	if (o->uncertain)
		return;
	if ((o->owner || o->n_shared) && !(ev->flags & CMSHIM_UNSEEN))
		held(st, rule, ev->object, &by, world);
	else if (o->n_waiting &&
		 (waiter = sure_waiter(st, ev->object, world)) != 0)
		add_waited(st, rule, ev->object, &by, waiter, world);
	else if ((waiter = in_condition_wait(st, ev->object, world)) != 0)
		in_wait(st, rule, ev->object, &by, waiter, world);
	else
		st->ends[ev->object] = end_by(ev, rule);
}

/*
 * A destroy call that was refused: that alone says that the lock was in use,
 * but it is not numbered, so by whom is known only roughly.  In a forked child
 * it may have been by a thread that is not there.
 */
static void refused(struct state *st, const struct event *ev,
		    const struct world *world)
{
	uint32_t holder = world_holder(world, ev->object);
	struct side by = side_of(ev, LIFETIME_DESTROYED);
	struct mistake *m;

	if (!holder && st->info->header->flags & CMSHIM_FORKED)
		return;
	by.role = "tried to destroy it";
	m = add(st, LIFETIME_DESTROYED, ev->object, &by, 0, HELD, world);
	if (!m)
		return;
	m->finding.level = LEVEL_WARNING;
	m->finding.message = "It was in use, and the call to destroy it was "
			     "refused (EBUSY)";
	if (holder)
		mistakes_holder(st->mistakes, m, "held it about then", holder,
				world);
}

static void acquired(void *state, const struct event *ev,
		     const struct world *world)
{
	struct state *st = state;
	struct tenancy *t = &st->tenancies[ev->object];

	if (!world->objects[ev->object].is_followed)
		return;
	t->taken = ev->seq;
	t->released = 0;
	t->holder = ev->thread;
	t->stack = ev->stack;
}

static void released(void *state, const struct event *ev,
		     const struct world *world)
{
	struct state *st = state;

	if (world->objects[ev->object].is_followed)
		st->tenancies[ev->object].released = ev->seq;
}

static void requested(struct state *st, const struct event *ev)
{
	struct thread *t = &st->threads[ev->thread];

	t->lock_number = ev->arg;
	t->is_timed = ev->flags & (CMSHIM_TIMED | CMSHIM_TRY);
}

static void initialised(struct state *st, const struct event *ev,
			const struct world *world)
{
	const struct object_info *all = st->info->objects;

	for (uint32_t i = world->objects[ev->object].before;
	     i && all[i].generation + 1 >= all[ev->object].generation;
	     i = world->objects[i].before)
		if (!st->ends[i].number)
			st->ends[i] = end_by(ev, LIFETIME_INITIALISED);
}

static bool counts(const struct state *st, uint32_t object)
{
	return kin_is_lock(st->info, object) ||
	       st->info->objects[object].class == CMSHIM_SEMAPHORE;
}

static void count(struct state *st, const struct event *ev,
		  const struct world *world)
{
	uint32_t mutex;

	switch (ev->op) {
	case CMSHIM_OP_REQUEST:
	case CMSHIM_OP_REQUEST_SHARED:
		requested(st, ev);
		break;
	case CMSHIM_OP_WAIT:
		st->n_in_waits[ev->other]++;
		break;
	case CMSHIM_OP_WAKE:
		mutex = world->threads[ev->thread].waits_mutex;
		st->n_in_waits[mutex] -= st->n_in_waits[mutex] != 0;
		break;
	case EVENT_GAP:
		st->tenancies[ev->object].is_unsure = true;
		break;
	case CMSHIM_OP_DROP:
		st->threads[ev->thread].is_torn = true;
		st->has_torn = true;
		break;
	}
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;

	switch (ev->op) {
	case CMSHIM_OP_REQUEST_FAILED:
		if (ev->code == EBUSY && counts(st, ev->object) &&
		    st->info->calls[ev->call].op == CMSHIM_OP_DESTROY)
			refused(st, ev, world);
		break;
	case CMSHIM_OP_DESTROY:
		if (counts(st, ev->object))
			ends(st, LIFETIME_DESTROYED, ev, world);
		break;
	case CMSHIM_OP_FREED:
		if (counts(st, ev->object))
			ends(st, LIFETIME_FREED, ev, world);
		break;
	case CMSHIM_OP_INIT:
		if (kin_is_lock(st->info, ev->object))
			initialised(st, ev, world);
		break;
	default:
		count(st, ev, world);
	}
}

static struct side by_end(const struct end *end)
{
	return (struct side){
		.role = roles[end->rule],
		.thread = end->thread,
		.call = end->call,
		.stack = end->stack,
	};
}

/* The hold of a lock that was made new is told last of all. */
static void add_tenant(const struct tenancy *t, const char *role,
		       struct mistake *m)
{
	m->sides[m->finding.n_sides++] = (struct side){
		.role = role,
		.thread = t->holder,
		.stack = t->stack,
		.held_unknown = true,
	};
}

static void initialised_held(struct state *st, uint32_t object,
			     const struct world *world)
{
	const struct tenancy *t = &st->tenancies[object];
	struct side by = by_end(&st->ends[object]);
	struct mistake *m = add(st, LIFETIME_INITIALISED, object, &by, t->stack,
				HELD, world);

	if (!m)
		return;
	add_tenant(t, "held it", m);
	/* The address may have become another lock's, and nothing said so. */
	if (!kin_is_variable(st->info, object))
		m->finding.level = LEVEL_WARNING;
}

/* In a forked child the locks of threads that are not there have no better
   end. */
static void initialised_free(struct state *st, uint32_t object,
			     const struct world *world)
{
	const struct tenancy *t = &st->tenancies[object];
	struct side by = by_end(&st->ends[object]);
	struct mistake *m;

	if (!t->taken && !(st->info->objects[object].kind & CMSHIM_SEEN_INIT))
		return;
	if (t->is_ended || t->is_unsure || st->has_torn ||
	    world->objects[object].n_waiting ||
	    !kin_is_variable(st->info, object) ||
	    st->info->header->flags & CMSHIM_FORKED)
		return;
	m = add(st, LIFETIME_INITIALISED, object, &by, t->stack, FREE, world);
	if (!m)
		return;
	m->finding.level = LEVEL_NOTE;
	m->finding.message =
		"It was initialised once more, and had not been destroyed";
	m->finding.advice = "Destroy it first, or initialise it once.";
	if (t->taken)
		add_tenant(t, "had it last", m);
}

static bool was_held(const struct state *st, uint32_t object)
{
	const struct tenancy *t = &st->tenancies[object];
	uint64_t number = st->ends[object].number;

	if (!t->taken || t->taken > number)
		return false;
	return t->released ? t->released >= number
			   : !t->is_unsure && !st->threads[t->holder].is_torn;
}

static void made_anew(struct state *st, uint32_t object,
		      const struct world *world)
{
	uint32_t owner = world->objects[object].owner;

	if (owner && world->threads[owner].exited)
		return;
	if (was_held(st, object))
		initialised_held(st, object, world);
	else
		initialised_free(st, object, world);
}

/* Who waits still for what has ended, and had begun to before. */
static void waits_still(struct state *st, uint32_t thread,
			const struct world *world)
{
	uint32_t object = world->threads[thread].waits_for;
	const struct end *end = &st->ends[object];
	struct side by = by_end(end);

	if (!object || !end->number || st->threads[thread].is_torn ||
	    st->threads[thread].lock_number >= end->number ||
	    st->tenancies[object].is_unsure)
		return;
	add_waited(st, end->rule, object, &by, thread, world);
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	for (uint32_t i = 1; i < st->info->n_objects; i++)
		if (st->ends[i].rule == LIFETIME_INITIALISED)
			made_anew(st, i, world);
	if (st->info->header->state != CMSHIM_STOPPED)
		for (uint32_t i = 1; i < st->info->n_threads; i++)
			waits_still(st, i, world);
	mistakes_report(st->mistakes, out);
	mistakes_free(st->mistakes);
}

static const struct hearing hears[] = {
	{ ANALYSIS_ACQUIRES, acquired },
	{ /* Failed ones have no number. */
	  ANALYSIS_RELEASES | ANALYSIS_OP(CMSHIM_OP_RELEASE_FAILED), released },
	{ .ops = 0 },
};

const struct analysis analysis_lifetime = {
	.name = "lifetime",
	.help = "locks that end or begin anew while they are in use",
	.rules = lifetime_rules,
	.wants = ANALYSIS_LOCK_OPS | ANALYSIS_OP(CMSHIM_OP_WAIT) |
		 ANALYSIS_OP(CMSHIM_OP_WAKE) | ANALYSIS_OP(CMSHIM_OP_INIT) |
		 ANALYSIS_OP(CMSHIM_OP_DESTROY) | ANALYSIS_OP(CMSHIM_OP_FREED) |
		 ANALYSIS_OP(EVENT_GAP) | ANALYSIS_OP(CMSHIM_OP_DROP),
	.begin = begin,
	.event = event,
	.hears = hears,
	.finish = finish,
};
