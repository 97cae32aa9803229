/* SPDX-License-Identifier: MIT */
/*
 * What is said about maps that nothing keeps apart.
 *
 * The lock that is held at most calls is taken for the one that is meant to
 * guard the map: then the places that omit it are what there is to mend, and
 * they are all in the one finding.
 */
#include "maps/races.h"

#include <inttypes.h>
#include <stdlib.h>

#include "ledger.h"
#include "maps/overlaps.h"
#include "world/order.h"
#include "world/unseen.h"

/* Maps made at one place. */
struct group {
	enum race_kind kind; /* the worst */
	const struct map_races *example;
	uint64_t count, n_maps;
};

struct races {
	struct ledger groups; /* by family, and stack where they are made */
};

enum { MAX_SIDES = 6, MOST = 51, NEARLY_ALL = 80 }; /* of a hundred */

/* The lock that is held at most of the calls on a map. */
struct usual {
	uint32_t lock; /* 0: none */
	uint64_t n_held, n_calls;
	size_t n_paths; /* that omit it */
};

struct races *races_new(void)
{
	struct races *races = zeroed(1, sizeof(*races));

	races->groups = ledger_of(sizeof(struct group));
	return races;
}

void races_free(struct races *races)
{
	ledger_release(&races->groups);
	store_free(races);
}

void races_add(struct races *races, const struct trace_info *info,
	       const struct map_races *map)
{
	const struct object_info *o = &info->objects[map->object];
	enum race_kind kind = PAIR_UNORDERED;
	bool is_new;
	struct group *g =
		ledger_at(&races->groups, o->family, o->stack, &is_new);

	while (!map->pairs[kind].count)
		kind++;
	if (is_new)
		g->kind = N_PAIR_KINDS;
	g->n_maps++;
	if (kind < g->kind) {
		g->kind = kind;
		g->example = map;
		g->count = 0;
	}
	if (kind != g->kind)
		return;
	g->count += map->pairs[kind].count;
	if (g->example->pairs[kind].was_left && !map->pairs[kind].was_left)
		g->example = map;
}

/* What the sentences are made from. */
struct teller {
	const struct trace_info *info;
	const struct world *world;
	struct arena *mem;
	const char *doubt; /* of everything in this trace; NULL: none */
	bool is_shared;	   /* unseen_is_shared(), if there is doubt */
};

static const struct side_lock *locks_of(const struct teller *tell,
					const struct access *a, size_t *n)
{
	return locksets_list(tell->world->locksets, a->site.lockset, tell->mem,
			     n);
}

/* How an access holds the lock; the mode counts for writes. */
static bool is_guarded(const struct teller *tell, const struct access *a,
		       uint32_t lock)
{
	size_t n;
	const struct side_lock *held = locks_of(tell, a, &n);

	for (size_t i = 0; i < n; i++)
		if (held[i].object == lock && !(a->is_write && held[i].shared))
			return true;
	return false;
}

static uint64_t n_guarded(const struct teller *tell, const struct guards *g,
			  uint32_t lock)
{
	uint64_t n = 0;

	for (size_t i = 0; i < g->n_uses; i++)
		if (is_guarded(tell, &g->examples[i], lock))
			n += g->uses[i].n;
	return n;
}

/* Of locks that are held as often the one that was met first. */
static struct usual usual_lock(const struct teller *tell,
			       const struct guards *g)
{
	struct usual best = { .lock = 0 };

	if (!g)
		return best;
	for (size_t i = 0; i < g->n_uses; i++) {
		size_t n;
		const struct side_lock *held =
			locks_of(tell, &g->examples[i], &n);

		best.n_calls += g->uses[i].n;
		for (size_t k = 0; k < n; k++) {
			uint64_t times = n_guarded(tell, g, held[k].object);

			if (times <= best.n_held)
				continue;
			best.n_held = times;
			best.lock = held[k].object;
		}
	}
	best.n_calls += g->n_more;
	for (size_t i = 0; i < g->n_uses; i++)
		best.n_paths += !is_guarded(tell, &g->examples[i], best.lock);
	return best;
}

/* Whether it guards so many of a hundred calls. */
static bool covers(const struct usual *u, uint64_t percent)
{
	return u->lock && u->n_held * 100 >= u->n_calls * percent;
}

/* A lock that both hold, and that a write holds as a reader. */
static bool share_a_lock(const struct teller *tell, const struct pair *p)
{
	size_t n, n_other;
	const struct side_lock *a = locks_of(tell, &p->first, &n);
	const struct side_lock *b = locks_of(tell, &p->second, &n_other);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_other; k++)
			if (a[i].object == b[k].object &&
			    ((p->first.is_write && a[i].shared) ||
			     (p->second.is_write && b[k].shared)))
				return true;
	return false;
}

static enum race_rule rule_of(const struct teller *tell, const struct group *g,
			      const struct pair *p, const struct usual *usual)
{
	const struct guards *guards = g->example->guards;

	if (g->kind == PAIR_BY_A_SIGNAL)
		return RACE_NO_COMMON_LOCK;
	if (guards && guards_are_by_key(guards))
		return RACE_BY_KEY;
	if (share_a_lock(tell, p))
		return RACE_SHARED_LOCK;
	if (g->kind == PAIR_UNORDERED)
		return RACE_UNORDERED;
	if (p->first.site.lockset && p->second.site.lockset &&
	    covers(usual, NEARLY_ALL))
		return RACE_TWO_LOCKS;
	return RACE_NO_COMMON_LOCK;
}

/* One of them is the map's end, whichever was told first. */
static bool is_of_the_end(const struct teller *tell, const struct pair *p)
{
	const struct call_info *calls = tell->info->calls;

	return calls[p->first.site.call].op == CMSHIM_OP_MAP_FREE ||
	       calls[p->second.site.call].op == CMSHIM_OP_MAP_FREE;
}

static const struct access *in_callback(const struct teller *tell,
					const struct pair *p, uint32_t lock)
{
	const struct access *both[] = { &p->first, &p->second };

	for (size_t i = 0; i < 2; i++)
		if (both[i]->is_write && both[i]->callback &&
		    !is_guarded(tell, both[i], lock))
			return both[i];
	return NULL;
}

static const struct rule *told_rule(const struct teller *tell,
				    const struct pair *p,
				    const struct usual *usual,
				    enum race_rule rule)
{
	if (rule == RACE_UNORDERED && is_of_the_end(tell, p))
		return &overlap_rules[OVERLAP_DESTROYED];
	if ((rule == RACE_UNORDERED || rule == RACE_NO_COMMON_LOCK) &&
	    covers(usual, MOST) && in_callback(tell, p, usual->lock))
		return &race_rules[RACE_IN_CALLBACK];
	return &race_rules[rule];
}

static const char *sentence(const struct group *g, enum race_rule rule)
{
	switch (rule) {
	case RACE_SHARED_LOCK:
		return "The map is written while a lock is held that lets "
		       "others in: it is held shared";
	case RACE_BY_KEY:
		return "Each key is guarded by a lock of its own, but calls "
		       "on different keys use the same parts of the map";
	case RACE_TWO_LOCKS:
		return "Some calls on the map hold one lock, some another: "
		       "these do not keep each other out";
	case RACE_UNORDERED:
		return "No synchronisation that was recorded orders these two "
		       "calls: they were not seen to meet, but nothing seen "
		       "keeps them apart";
	case RACE_NO_COMMON_LOCK:
	case RACE_IN_CALLBACK: /* a rule's other name: told_rule() */
	case RACE_REORDERED:   /* told by race_reach.c */
	case N_RACE_RULES:
		break;
	}
	if (g->kind == PAIR_BY_A_SIGNAL)
		return "Only a signal of a condition variable orders these "
		       "two calls: had the other thread not waited yet, it "
		       "would have been lost";
	return "Several threads use the map and no lock is held at all calls "
	       "on it: what ordered these two was something else";
}

static const char *message_of(const struct teller *tell, const struct group *g,
			      const struct pair *p, const struct usual *usual,
			      enum race_rule rule)
{
	const char *text = sentence(g, rule);
	const struct access *called = in_callback(tell, p, usual->lock);

	if (covers(usual, MOST) && usual->n_paths)
		text = arena_printf(
			tell->mem,
			"%s; one lock is held at %" PRIu64 " %% of the calls, "
			"%zu path%s omit%s it",
			text, usual->n_held * 100 / usual->n_calls,
			usual->n_paths, usual->n_paths == 1 ? "" : "s",
			usual->n_paths == 1 ? "s" : "");
	if (called)
		text = arena_printf(tell->mem,
				    "%s; it %s in a callback by way of %s()",
				    text,
				    called == &p->first ? "was first written"
							: "was then written",
				    tell->info->calls[called->callback].name);
	if (g->n_maps > 1)
		text = arena_printf(tell->mem,
				    "%s; the same of %" PRIu64
				    " more maps made there",
				    text, g->n_maps - 1);
	if (p->has_orphan)
		text = arena_printf(
			tell->mem,
			"%s (or not: who made one of the threads was not seen)",
			text);
	if (p->was_left)
		text = arena_printf(
			tell->mem,
			"%s (or not: a promise was set, or a variable "
			"initialised, after the first; who finds that done "
			"makes no call)",
			text);
	if (tell->doubt)
		text = arena_printf(tell->mem, "%s (or not: %s)", text,
				    tell->doubt);
	return text;
}

static const char *advice_of(enum race_rule rule, const struct usual *usual)
{
	switch (rule) {
	case RACE_SHARED_LOCK:
		return "Take the lock exclusively around calls that write.";
	case RACE_BY_KEY:
		return "Use one lock for all keys, or one map for each lock.";
	default:
		return covers(usual, MOST)
			       ? "Take the lock that the other calls take here "
				 "as well, exclusively for writes."
			       : "Protect the map by one lock, taken around "
				 "every call on it.";
	}
}

static unsigned tags_of(const struct teller *tell, const struct group *g,
			const struct pair *p)
{
	return (g->kind == PAIR_BY_A_SIGNAL ? TAG_CV_ONLY : 0) |
	       (p->has_orphan ? TAG_ORPHAN : 0) |
	       (tell->doubt || p->was_left ? TAG_UNSEEN : 0) |
	       (tell->is_shared ? TAG_PSHARED : 0);
}

static enum level level_of(const struct teller *tell, const struct group *g,
			   const struct pair *p, const struct usual *usual,
			   enum race_rule rule)
{
	if (tags_of(tell, g, p))
		return LEVEL_NOTE;
	/* A program may order its threads by atomic operations, which nobody
	   records: only the lock that the writer itself holds, in the wrong
	   mode, says that it meant to exclude the other. */
	if (g->kind == PAIR_UNORDERED)
		return rule == RACE_SHARED_LOCK ? LEVEL_ERROR : LEVEL_WARNING;
	/* Without a lock that is meant to guard it, threads may well hand the
	   map to each other. */
	if (rule == RACE_NO_COMMON_LOCK && !covers(usual, MOST))
		return LEVEL_NOTE;
	return LEVEL_WARNING;
}

static struct side side_of(const struct teller *tell, const struct access *a,
			   const char *role)
{
	struct side side = site_side(&a->site, role, tell->world, tell->mem);

	side.write_number = a->number;
	return side;
}

static bool is_place_of(const struct access *a, const struct access *b)
{
	return a->site.call == b->site.call && a->site.stack == b->site.stack &&
	       a->site.lockset == b->site.lockset;
}

/* The paths that omit the usual lock, and one that does not. */
static size_t add_paths(const struct teller *tell, const struct pair *p,
			const struct guards *g, const struct usual *usual,
			struct side *sides, size_t n)
{
	bool is_shown = is_guarded(tell, &p->first, usual->lock) ||
			is_guarded(tell, &p->second, usual->lock);

	if (!covers(usual, MOST))
		return n;
	for (size_t i = 0; i < g->n_uses && n < MAX_SIDES; i++) {
		const struct access *a = &g->examples[i];
		bool guarded = is_guarded(tell, a, usual->lock);

		if (is_place_of(a, &p->first) || is_place_of(a, &p->second) ||
		    (guarded && is_shown))
			continue;
		is_shown |= guarded;
		sides[n++] = side_of(tell, a,
				     guarded	   ? "usually holds it"
				     : a->is_write ? "also wrote without it"
						   : "also read without it");
	}
	return n;
}

static void report_group(const struct teller *tell, const struct group *g,
			 struct report *out)
{
	const struct pair *p = &g->example->pairs[g->kind];
	struct usual usual = usual_lock(tell, g->example->guards);
	enum race_rule rule = rule_of(tell, g, p, &usual);
	struct side sides[MAX_SIDES] = {
		side_of(tell, &p->first,
			site_role(&p->first.site, p->first.is_write,
				  tell->info)),
		side_of(tell, &p->second,
			site_role(&p->second.site, p->second.is_write,
				  tell->info)),
	};

	report_add_finding(
		out,
		&(struct finding){
			.rule = told_rule(tell, p, &usual, rule),
			.level = level_of(tell, g, p, &usual, rule),
			.tier = g->kind == PAIR_UNORDERED ? TIER_PREDICTED
							  : TIER_DISCIPLINE,
			.object = g->example->object,
			.weight = g->count,
			.count = g->count,
			.message = message_of(tell, g, p, &usual, rule),
			.advice = advice_of(rule, &usual),
			.tags = tags_of(tell, g, p),
			.last_order = p->has_last ? &p->last : NULL,
			.sides = sides,
			.n_sides = add_paths(tell, p, g->example->guards,
					     &usual, sides, 2),
		});
}

void races_report(struct races *races, const struct trace_info *info,
		  const struct world *world, struct arena *mem,
		  struct report *out)
{
	struct teller tell = {
		.info = info,
		.world = world,
		.mem = mem,
		.doubt = races->groups.n
				 ? unseen_doubt(world,
						order_has_futexes(world->order))
				 : NULL,
	};

	tell.is_shared = tell.doubt && unseen_is_shared(world);
	for (size_t i = 0; i < races->groups.n; i++)
		report_group(&tell, ledger_get(&races->groups, i), out);
}
