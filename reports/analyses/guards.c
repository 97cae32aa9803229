/* SPDX-License-Identifier: MIT */
/*
 * Locks that keep apart what would not meet: the time threads waited for a
 * section of another map, or of other keys of the same map.
 *
 * What a section used is known at its end.  So a wait is split over the
 * sections that caused it when it ends, and judged when the waiter's own
 * section ends.  A section that used no map may have protected anything: it
 * meets every other.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "fetch.h"
#include "locks/sections.h"
#include "maps/footprint.h"
#include "maps/mapcall.h"
#include "text.h"

static const struct rule rules[] = {
	{
		.id = "guard-coarse",
		.title = "One lock for several maps makes threads wait",
		.help = "Half of the time or more that threads waited for a "
			"lock, they waited for a section that used none of "
			"the maps they were about to use. What it can get "
			"wrong: the lock may protect more than maps, or keep "
			"several maps in step with one another. What it can "
			"miss: sections that use more than four maps. What to"
			" do: a lock for each map.",
		.level = LEVEL_ADVICE,
		.unit = "ns",
	},
	{
		.id = "guard-keys",
		.title = "One lock for all keys of a map makes threads wait",
		.help = "Half of the time or more that threads waited for a "
			"lock, they waited for a section that used other keys"
			" of the same map. What it can get wrong: keys are "
			"told apart by 64 classes only, so it is more rather "
			"than less; the lock may protect more than the map. "
			"What to do: several maps, each with a lock, chosen "
			"by the key; or less work with the lock held.",
		.level = LEVEL_ADVICE,
		.unit = "ns",
	},
	{ .id = NULL },
};

#define LEAST_NS 1000000u /* waited in all: less is no matter */

enum {
	MAX_FOOTPRINTS = 1 << 16,
	N_SHARES = 8,
	N_HELD = 16,	  /* sections at most that a call counts for */
	LAST = INT32_MAX, /* instead of a footprint's number: the lock's own */
};

/* A section's footprint, and who was in it. */
struct trail {
	struct footprint footprint;
	uint32_t thread, stack;
};

/* Of a wait: so long for that. */
struct share {
	struct trail for_whom;
	uint64_t ns;
};

/* A section that a thread is in. */
struct open {
	uint32_t lock, stack;
	struct footprint footprint;
	struct share *shares; /* of the wait before it; or NULL */
	uint32_t n_shares;
};

struct inside {
	struct open *open; /* the innermost last */
	size_t n, room;
};

/* The longest wait of a kind. */
struct example {
	struct trail waiter, holder;
	uint64_t ns;
};

/* How long a lock was waited for. */
struct waits {
	uint64_t ns;
	uint64_t apart_ns[3]; /* by enum footprint_relation */
	struct example examples[3];
};

struct lock {
	struct sections sections; /* .stack is a footprint's number */
	struct trail last;
	struct waits *waits; /* NULL: nobody has waited */
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct inside *threads;
	uint32_t *lock_of;  /* by object */
	struct lock *locks; /* from 1 */
	size_t n_locks, room_locks;
	struct trail *trails; /* from 1 */
	size_t n_trails, room_trails;
	struct allowance left; /* for sections */
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.threads = arena_alloc(mem,
				       info->n_threads * sizeof(*st->threads)),
		.lock_of = arena_alloc(mem, info->n_objects * sizeof(uint32_t)),
		.n_locks = 1,
		.n_trails = 1,
		.left.bytes = SECTIONS_BYTES,
	};
	st->locks = grow(NULL, &st->room_locks, 0, sizeof(*st->locks));
	st->trails = grow(NULL, &st->room_trails, 0, sizeof(*st->trails));
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

/* What a wait is being split for. */
struct splitting {
	struct state *st;
	struct lock *lock;
	struct open *open;
};

static void add_share(void *context, const struct section *holder, uint64_t ns)
{
	struct splitting *s = context;
	const struct trail *trail = holder->stack == LAST
					    ? &s->lock->last
					    : &s->st->trails[holder->stack];

	if (!s->open->shares) {

		s->open->shares = zeroed(N_SHARES, sizeof(*s->open->shares));
	}
	/* What is left over counts as waited for the same thing. */
	if (s->open->n_shares < N_SHARES)
		s->open->shares[s->open->n_shares++] =
			(struct share){ .for_whom = *trail, .ns = ns };
}

static void acquired(void *state, const struct event *ev,
		     const struct world *world)
{
	struct state *st = state;
	struct inside *t = &st->threads[ev->thread];
	struct open *o;

	(void)world;
	if (!ev->object)
		return;
	if (t->n == t->room)
		t->open = grow(t->open, &t->room, t->n, sizeof(*t->open));
	o = &t->open[t->n++];
	o->lock = ev->object;
	o->stack = ev->stack;
	o->footprint.n = 0;
	o->footprint.is_full = false;
	o->n_shares = 0;
	if (ev->contended && ev->has_time) {
		struct splitting s = { .st = st,
				       .lock = lock_at(st, ev->object),
				       .open = o };

		if (!s.lock->waits)
			s.lock->waits =
				arena_alloc(st->mem, sizeof(*s.lock->waits));
		s.lock->waits->ns += ev->wait_ns;
		sections_split(&s.lock->sections, ev->time_ns - ev->wait_ns,
			       ev->time_ns, add_share, &s);
	}
}

static void judge(struct waits *w, const struct open *o,
		  const struct trail *waiter)
{
	for (uint32_t i = 0; i < o->n_shares; i++) {
		const struct share *s = &o->shares[i];
		enum footprint_relation r = footprint_compare(
			&waiter->footprint, &s->for_whom.footprint);
		struct example *e = &w->examples[r];

		w->apart_ns[r] += s->ns;
		if (s->ns >= e->ns)
			*e = (struct example){ .waiter = *waiter,
					       .holder = s->for_whom,
					       .ns = s->ns };
	}
}

/* A stamped section may be waited for by many: its trail is kept. */
static uint32_t keep_trail(struct state *st, const struct trail *trail)
{
	if (!trail->footprint.n || st->n_trails == MAX_FOOTPRINTS)
		return 0;
	st->trails = grow(st->trails, &st->room_trails, st->n_trails,
			  sizeof(*st->trails));
	st->trails[st->n_trails] = *trail;
	return (uint32_t)st->n_trails++;
}

static void close_section(struct state *st, const struct event *ev,
			  const struct open *o)
{
	struct lock *l = lock_at(st, o->lock);
	struct trail trail = { .footprint = o->footprint,
			       .thread = ev->thread,
			       .stack = o->stack };

	judge(l->waits, o, &trail);
	l->last = trail;
	sections_add(&l->sections,
		     (struct section){ .end_ns = ev->time_ns,
				       .thread = ev->thread,
				       .stack = ev->has_time
							? keep_trail(st, &trail)
							: LAST },
		     ev->has_time, &st->left);
}

/* Takes an element out of the middle; what it points to goes to the end. */
static void take_out(struct inside *t, size_t i)
{
	struct open taken = t->open[i];

	memmove(&t->open[i], &t->open[i + 1],
		(t->n - i - 1) * sizeof(*t->open));
	t->open[t->n - 1] = taken;
}

static void released(void *state, const struct event *ev,
		     const struct world *world)
{
	struct state *st = state;
	struct inside *t = &st->threads[ev->thread];
	size_t i = t->n;
	const struct open *o;

	(void)world;
	while (i > 0 && t->open[i - 1].lock != ev->object)
		i--;
	if (!i)
		return;
	o = &t->open[i - 1];
	/* A lock with neither maps nor waits is of no interest. */
	if (o->footprint.n || o->n_shares || st->lock_of[o->lock])
		close_section(st, ev, o);
	if (i != t->n)
		take_out(t, i - 1);
	t->n--;
}

static void used(void *state, const struct event *ev, const struct world *world)
{
	struct state *st = state;
	struct inside *t = &st->threads[ev->thread];
	uint64_t key = ev->flags & CMSHIM_ITERATOR ? 0 : ev->key;

	(void)world;
	if (!ev->object)
		return;
	for (size_t i = t->n; i > 0 && t->n - i < N_HELD; i--)
		footprint_add(&t->open[i - 1].footprint, ev->object, key);
}

static void soon(const void *state, const struct event *ev)
{
	const struct state *st = state;

	fetch(&st->locks[st->lock_of[ev->object]], sizeof(*st->locks));
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;

	(void)world;
	if (ev->op == CMSHIM_OP_DROP || ev->op == EVENT_THREAD_END)
		st->threads[ev->thread].n = 0;
}

static struct side side_of(const char *role, const struct trail *t,
			   const struct side_lock *held)
{
	return (struct side){ .role = role,
			      .thread = t->thread,
			      .stack = t->stack,
			      .held = held,
			      .n_held = held ? 1 : 0 };
}

static void report_apart(const struct state *st, uint32_t object,
			 enum footprint_relation r, struct report *out)
{
	const struct waits *w = st->locks[st->lock_of[object]].waits;
	const struct example *e = &w->examples[r];
	bool is_maps = r == FOOTPRINTS_OTHER_MAPS;
	struct side_lock held = { .object = object, .stack = e->holder.stack };
	struct side sides[] = {
		side_of("waited", &e->waiter, NULL),
		side_of("held it meanwhile", &e->holder, &held),
	};

	sides[0].waits_for = object;
	report_add_finding(
		out,
		&(struct finding){
			.rule = &rules[is_maps ? 0 : 1],
			.level = LEVEL_ADVICE,
			.tier = TIER_OBSERVED,
			.object = is_maps ? object
					  : e->waiter.footprint.maps[0].map,
			.weight = w->apart_ns[r],
			.message = arena_printf(
				st->mem,
				"In %s of the %s that threads waited for %s, "
				"its holder used %s",
				text_share(w->apart_ns[r], w->ns).text,
				text_duration(w->ns).text,
				is_maps ? "the lock" : "the map's lock",
				is_maps ? "other maps" : "other keys"),
			.advice = is_maps ? "A lock for each map."
					  : "Several maps with a lock each, "
					    "chosen by the key.",
			.sides = sides,
			.n_sides = 2,
		});
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	(void)world;
	for (uint32_t i = 1; i < st->info->n_objects; i++) {
		struct lock *l = &st->locks[st->lock_of[i]];
		const struct waits *w = l->waits;

		if (!st->lock_of[i])
			continue;
		for (int r = FOOTPRINTS_OTHER_MAPS; r <= FOOTPRINTS_OTHER_KEYS;
		     r++)
			if (w && w->ns >= LEAST_NS &&
			    w->apart_ns[r] >= w->ns / 2)
				report_apart(st, i, r, out);
		sections_release(&l->sections);
	}
	for (size_t i = 0; i < st->info->n_threads; i++) {
		struct inside *t = &st->threads[i];

		for (size_t j = 0; j < t->room; j++)
			store_free(t->open[j].shares);
		store_free(t->open);
	}
	store_free(st->locks);
	store_free(st->trails);
}

static const struct hearing hears[] = {
	{ ANALYSIS_MAP_ENDED, used },
	{ ANALYSIS_ACQUIRES, acquired },
	{ ANALYSIS_RELEASES, released },
	{ .ops = 0 },
};

const struct analysis analysis_guards = {
	.name = "guards",
	.help = "locks that keep apart what would not meet",
	.rules = rules,
	.wants = ANALYSIS_MAP_CALLS | ANALYSIS_ACQUIRES | ANALYSIS_RELEASES |
		 ANALYSIS_MADE,
	.about = ANALYSIS_CLASS(CMSHIM_MAP),
	.begin = begin,
	.event = event,
	.hears = hears,
	.soon = soon,
	.finish = finish,
};
