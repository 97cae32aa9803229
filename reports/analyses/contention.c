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
 * came last before it ended.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "sections.h"
#include "text.h"
#include "threadset.h"

#define LEAST_TOTAL_NS	1000000u  /* below it nothing is a finding */
#define LEAST_SINGLE_NS 10000000u /* one wait that somebody notices */
#define NOTICEABLE_PART 1000u	  /* a thousandth of the threads' lives */
#define LARGE_PART	20u	  /* 5 % of them */

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
	},
	{ .id = NULL },
};

/* The first in place: most locks never see more. */
struct tally {
	uint64_t n;
	uint64_t few[2];
	struct durations *all; /* the arena's, if more */
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

/* One cell of the blame matrix. */
struct cell {
	struct blame blame;
	uint32_t next;	/* of the same lock */
	uint32_t waits; /* number of the wait that was counted last */
	/* Of the longest single wait here: */
	uint64_t worst_ns, since_ns;
	uint32_t waiter, holder;
};

struct life {
	bool begun;
	uint64_t first_ns, last_ns; /* of its stamps */
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct lock *locks;    /* by object */
	struct life *lives;    /* by thread */
	struct table *cell_of; /* (object, stacks) to index */
	struct cell *cells;    /* 0 is none */
	size_t n_cells, room_cells;
	uint32_t n_waits;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.locks = arena_alloc(mem, info->n_objects * sizeof(*st->locks)),
		.lives = arena_alloc(mem, info->n_threads * sizeof(*st->lives)),
		.cell_of = table_new(),
		.n_cells = 1,
	};
	st->cells = grow(NULL, &st->room_cells, 0, sizeof(*st->cells));
	return st;
}

static void tally_add(struct tally *t, uint64_t ns, struct arena *mem)
{
	const size_t n_few = sizeof(t->few) / sizeof(t->few[0]);

	if (t->n < n_few) {
		t->few[t->n++] = ns;
		return;
	}
	if (t->n++ == n_few) {
		t->all = arena_alloc(mem, sizeof(*t->all));
		for (size_t i = 0; i < n_few; i++)
			durations_add(t->all, t->few[i]);
	}
	durations_add(t->all, ns);
}

/* As durations; those of few are made in *room. */
static struct durations *tally_durations(const struct tally *t,
					 struct durations *room)
{
	if (t->all)
		return t->all;
	memset(room, 0, sizeof(*room));
	for (size_t i = 0; i < t->n; i++)
		durations_add(room, t->few[i]);
	return room;
}

/* A wait that has ended, while it is being split. */
struct wait {
	struct state *st;
	const struct event *ev;
};

static struct cell *cell_at(struct state *st, uint32_t object, uint32_t waiter,
			    uint32_t holder)
{
	uint64_t *index =
		table_at(st->cell_of, object, (uint64_t)waiter << 32 | holder);
	struct lock *l = &st->locks[object];

	if (!*index) {
		st->cells = grow(st->cells, &st->room_cells, st->n_cells,
				 sizeof(*st->cells));
		st->cells[st->n_cells] = (struct cell){
			.blame = { .waiter_stack = waiter,
				   .holder_stack = holder },
			.next = l->cells,
		};
		l->cells = (uint32_t)st->n_cells;
		*index = st->n_cells++;
	}
	return &st->cells[*index];
}

static void blame(void *context, const struct section *holder, uint64_t ns)
{
	const struct wait *w = context;
	const struct event *ev = w->ev;
	struct cell *c = cell_at(w->st, ev->object, ev->stack, holder->stack);

	c->blame.wait_ns += ns;
	if (c->waits != w->st->n_waits) {
		c->waits = w->st->n_waits;
		c->blame.count++;
	}
	if (ev->wait_ns >= c->worst_ns) {
		c->worst_ns = ev->wait_ns;
		c->since_ns = ev->time_ns - ev->wait_ns;
		c->waiter = ev->thread;
		c->holder = holder->thread;
	}
}

static void waited(struct state *st, struct lock *l, const struct event *ev)
{
	uint32_t class = st->info->objects[ev->object].class;
	struct wait w = { .st = st, .ev = ev };
	const struct sections *by = &l->all;

	l->n_contended++;
	st->n_waits++;
	tally_add(&l->waits, ev->wait_ns, st->mem);
	if (ev->shared && l->exclusive)
		by = l->exclusive;
	if (class == CMSHIM_SEMAPHORE || !ev->has_time)
		blame(&w, &by->last, ev->wait_ns);
	else
		sections_split(by, ev->time_ns - ev->wait_ns, ev->time_ns,
			       blame, &w);
}

static void acquired(struct state *st, const struct event *ev)
{
	struct lock *l = &st->locks[ev->object];

	l->n_acquired++;
	l->n_shared += ev->shared;
	threadset_add(&l->threads, ev->thread, st->info->n_threads, st->mem);
	if (ev->contended)
		waited(st, l, ev);
}

static void released(struct state *st, const struct event *ev,
		     const struct world *world)
{
	struct lock *l = &st->locks[ev->object];
	const struct world_object *o = &world->objects[ev->object];
	uint32_t class = st->info->objects[ev->object].class;
	const struct held *h = world_holds(world, ev->thread, ev->object);
	struct section s = { .end_ns = ev->time_ns, .thread = ev->thread };

	if (!h && o->owner) {
		s.thread = o->owner;
		h = world_holds(world, o->owner, ev->object);
	}
	if (!h || (!h->shared && o->depth > 1))
		return;

	s.stack = h->stack;
	sections_add(&l->all, &s, ev->has_time);
	if (class == CMSHIM_RWLOCK && !h->shared) {
		if (!l->exclusive)
			l->exclusive =
				arena_alloc(st->mem, sizeof(*l->exclusive));
		sections_add(l->exclusive, &s, ev->has_time);
	}
	/* Holds that were stamped because somebody waited are the long ones. */
	if (h->sampled && ev->has_time && h->since_ns <= ev->time_ns)
		tally_add(&l->holds, ev->time_ns - h->since_ns, st->mem);
}

static void taken(struct state *st, const struct event *ev)
{
	struct lock *l = &st->locks[ev->object];

	if (l->taker)
		l->is_handed_over = true;
	l->taker = ev->thread;
	acquired(st, ev);
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

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;

	if (ev->has_time) {
		struct life *life = &st->lives[ev->thread];

		if (!life->begun)
			life->first_ns = ev->time_ns;
		life->begun = true;
		life->last_ns = ev->time_ns;
	}
	switch (ev->op) {
	case CMSHIM_OP_ACQUIRE:
	case CMSHIM_OP_ACQUIRE_SHARED:
		acquired(st, ev);
		break;
	case CMSHIM_OP_RELEASE:
	case CMSHIM_OP_RELEASE_SHARED:
		released(st, ev, world);
		break;
	case CMSHIM_OP_TAKE:
		taken(st, ev);
		break;
	case CMSHIM_OP_POST:
		posted(st, ev);
		break;
	}
}

/* The sum of the threads' lives; the first thread's began with the trace. */
static uint64_t lives_ns(const struct state *st, const struct world *world)
{
	const struct trace_info *info = st->info;
	uint64_t sum_ns = 0;

	for (size_t i = 1; i < info->n_threads; i++) {
		const struct life *life = &st->lives[i];
		uint64_t from_ns = life->first_ns, to_ns = info->duration_ns;

		if (!life->begun)
			continue;
		if (info->threads[i].number == 1)
			from_ns = 0;
		if (world->threads[i].exited)
			to_ns = life->last_ns;
		if (to_ns > from_ns)
			sum_ns += to_ns - from_ns;
	}
	return sum_ns;
}

/*
 * The waiting place that lost most time, and of its cells the largest.  Cells
 * are sorted by the waiter's stack, then the larger first.
 */
static const struct cell *worst_of(const struct cell *cells, size_t n)
{
	const struct cell *worst = NULL;
	uint64_t most_ns = 0;

	for (size_t i = 0, next; i < n; i = next) {
		uint64_t sum_ns = 0;

		for (next = i; next < n && cells[next].blame.waiter_stack ==
						   cells[i].blame.waiter_stack;
		     next++)
			sum_ns += cells[next].blame.wait_ns;
		if (sum_ns > most_ns || !worst) {
			most_ns = sum_ns;
			worst = &cells[i];
		}
	}
	return worst;
}

static void add_hot(const struct state *st, uint32_t object,
		    const struct lock *l, const struct durations *wait,
		    const struct cell *worst, uint64_t all_lives_ns,
		    struct report *out)
{
	struct side_lock held = { object, worst->blame.holder_stack, false };
	bool is_semaphore = st->info->objects[object].class == CMSHIM_SEMAPHORE;
	struct side sides[] = {
		{ .role = "waited",
		  .thread = worst->waiter,
		  .stack = worst->blame.waiter_stack,
		  .waits_for = object,
		  .has_time = true,
		  .time_ns = worst->since_ns },
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
		.count = l->n_contended,
		.sides = sides,
		.n_sides = 2,
		.advice = is_semaphore ? "Post it sooner at the second place."
				       : "Do less while holding it at the "
					 "second place, or protect by it only "
					 "what both places share.",
	};

	if (wait->sum_ns >= all_lives_ns / LARGE_PART)
		f.level = LEVEL_WARNING;
	f.message = arena_printf(
		st->mem,
		"Threads waited %s in all, in %" PRIu64 " of %" PRIu64
		" acquisitions, once for %s; that is %s of the time all "
		"threads lived",
		text_duration(wait->sum_ns).text, l->n_contended, l->n_acquired,
		text_duration(wait->max_ns).text,
		text_share(wait->sum_ns, all_lives_ns).text);
	report_add_finding(out, &f);
}

static bool is_noticeable(const struct lock *l, const struct durations *wait,
			  uint64_t all_lives_ns)
{
	if (l->is_handed_over || wait->sum_ns < LEAST_TOTAL_NS)
		return false;
	return wait->max_ns >= LEAST_SINGLE_NS ||
	       wait->sum_ns >= all_lives_ns / NOTICEABLE_PART;
}

static int by_waiter(const void *one, const void *other)
{
	const struct blame *a = &((const struct cell *)one)->blame;
	const struct blame *b = &((const struct cell *)other)->blame;

	if (a->waiter_stack != b->waiter_stack)
		return a->waiter_stack < b->waiter_stack ? -1 : 1;
	if (a->wait_ns != b->wait_ns)
		return a->wait_ns > b->wait_ns ? -1 : 1;
	return a->holder_stack < b->holder_stack ? -1 : 1;
}

static int by_wait(const void *one, const void *other)
{
	const struct blame *a = one, *b = other;

	if (a->wait_ns != b->wait_ns)
		return a->wait_ns > b->wait_ns ? -1 : 1;
	if (a->waiter_stack != b->waiter_stack)
		return a->waiter_stack < b->waiter_stack ? -1 : 1;
	return a->holder_stack < b->holder_stack ? -1 : 1;
}

static void add_lock(struct state *st, uint32_t object, uint64_t all_lives_ns,
		     struct report *out)
{
	const struct lock *l = &st->locks[object];
	struct durations few_waits, few_holds;
	struct lock_usage usage = {
		.object = object,
		.acquisitions = l->n_acquired,
		.shared = l->n_shared,
		.contended = l->n_contended,
		.n_threads = l->threads.n,
		.wait = tally_durations(&l->waits, &few_waits),
		.hold = tally_durations(&l->holds, &few_holds),
	};
	struct cell *cells = NULL;
	struct blame *blames = NULL;
	size_t n = 0, room = 0;

	for (uint32_t i = l->cells; i; i = st->cells[i].next) {
		cells = grow(cells, &room, n, sizeof(*cells));
		cells[n++] = st->cells[i];
	}
	if (n) {
		qsort(cells, n, sizeof(*cells), by_waiter);
		if (is_noticeable(l, usage.wait, all_lives_ns))
			add_hot(st, object, l, usage.wait, worst_of(cells, n),
				all_lives_ns, out);
		room = 0;
		blames = grow(NULL, &room, n, sizeof(*blames));
		for (size_t i = 0; i < n; i++)
			blames[i] = cells[i].blame;
		qsort(blames, n, sizeof(*blames), by_wait);
	}
	usage.blame = blames;
	usage.n_blame = n;
	report_add_lock(out, &usage);
	free(blames);
	free(cells);
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;
	uint64_t all_lives_ns = lives_ns(st, world);

	for (uint32_t i = 1; i < st->info->n_objects; i++) {
		switch (st->info->objects[i].class) {
		case CMSHIM_MUTEX:
		case CMSHIM_RWLOCK:
		case CMSHIM_SPINLOCK:
		case CMSHIM_SEMAPHORE:
			add_lock(st, i, all_lives_ns, out);
			break;
		}
		sections_release(&st->locks[i].all);
		if (st->locks[i].exclusive)
			sections_release(st->locks[i].exclusive);
	}
	table_free(st->cell_of);
	free(st->cells);
}

const struct analysis analysis_contention = {
	.name = "contention",
	.help = "use of locks, and time spent waiting for them, by call stack",
	.rules = rules,
	.begin = begin,
	.event = event,
	.finish = finish,
};
