/* SPDX-License-Identifier: MIT */
/*
 * Two accesses of one thread that belong together, in two critical sections
 * of the same lock: what the first one learnt or made may have changed before
 * the second.
 *
 *	atom-check-then-act	a read of a key, then a write of it
 *	atom-unserializable	two accesses of a key, the second a read
 *	atom-stale-size		the number of elements, then a write
 *
 * That they belong together is not in the trace.  It is concluded if one
 * function made both, and the second place in the program is reached (nearly)
 * always by way of the first with the same key: a server that is asked for a
 * key and is given it later does that sometimes, code that checks and acts
 * does it each time.  Whoever waited for another thread in between has talked
 * to it and may know.
 *
 * The other thread's write counts if it was made under the same lock: else
 * the trouble is another one (a race).
 */
#include <inttypes.h>
#include <stdlib.h>

#include "analysis.h"
#include "fetch.h"
#include "ledger.h"
#include "maps/keyhistory.h"
#include "maps/mapcall.h"
#include "maps/pairs.h"
#include "world/kin.h"
#include "world/lockset.h"

static const char check_help[] =
	"A thread looked a key up in one critical section and wrote it in a "
	"later one of the same lock, without looking again: another thread "
	"that writes the key in between makes the decision wrong. It is an "
	"error if one did, with the lock held, and a warning if others write "
	"the key at all and nothing but chance kept them out. What it can "
	"miss: keys of maps with a hash function of the program's own, whose "
	"keys are not known; checks that were made without the lock; removals"
	" that went well. What it can get wrong: a program that notices by "
	"other means that the key was written meanwhile. What to do: keep the"
	" lock from the check to the write, or check again after taking it.";

static const char unserializable_help[] =
	"A thread used a key twice, in two critical sections of the same lock"
	" and at two places that follow one another, and another thread wrote"
	" it in between: no order of whole sections gives what the thread saw"
	" if the two were meant to be one. It is a warning where the thread "
	"read back what it had written, else a note: looking again may be "
	"meant; and none where it then mostly writes the key in the same "
	"section. What it can miss: maps whose keys are not known. What it can"
	" get wrong: that the two belong together. What to do: "
	"keep the lock over both, if they belong together.";

static const char size_help[] =
	"A thread asked how many elements a map has, gave the lock up, and "
	"changed the map in a later critical section, as if the number were "
	"still right; another thread changed the map in between. What it can "
	"get wrong: the number may not matter for what follows. What to do: "
	"ask again with the lock held, or keep it.";

static const struct rule rules[] = {
	{
		.id = "atom-check-then-act",
		.title = "A check and what follows it are two critical "
			 "sections",
		.help = check_help,
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	{
		.id = "atom-unserializable",
		.title = "A key changed between two uses that belong together",
		.help = unserializable_help,
		.level = LEVEL_WARNING,
		.unit = "count",
	},
	{
		.id = "atom-stale-size",
		.title = "A map changed after its size was asked for",
		.help = size_help,
		.level = LEVEL_NOTE,
		.unit = "count",
	},
	{ .id = NULL },
};

enum {
	N_CHECKS = 32, /* of a thread, remembered */
	N_SECTIONS = 3,
};

/* A critical section that a thread is in. */
struct section {
	uint32_t lock; /* 0: none */
	uint64_t index;
};

/* A thread's last access of a key, with a lock held. */
struct check {
	uint64_t key;
	uint64_t seq;
	uint32_t map; /* 0: none */
	uint32_t epoch;
	struct site site;
	bool is_write;
	bool is_hit;
	uint32_t pair; /* that it was the second of, plus 1; 0: of none */
	struct section sections[N_SECTIONS];
};

struct watched {
	struct check *checks; /* [N_CHECKS]; NULL: none yet */
	uint32_t epoch;	      /* goes up when it learns from others */
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct hardorder *hard;
	struct keyhistory *history;
	struct watched *threads;
	uint32_t *n_at; /* by stack: accesses */
	struct ledger pairs;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.hard = hardorder_new(info),
		.history = keyhistory_new(mem),
		.threads = arena_alloc(mem,
				       info->n_threads * sizeof(*st->threads)),
		.n_at = arena_alloc(mem, info->n_stacks * sizeof(*st->n_at)),
		.pairs = ledger_of(sizeof(struct pair)),
	};
	return st;
}

static bool is_in_section(const struct check *c, const struct world *world,
			  uint32_t thread)
{
	for (int i = 0; i < N_SECTIONS && c->sections[i].lock; i++) {
		const struct held *h =
			world_holds(world, thread, c->sections[i].lock);

		if (h && h->index == c->sections[i].index)
			return true;
	}
	return false;
}

/* A lock that both were made under, given up in between; 0 if there is none,
   or another one was kept over both. */
static uint32_t split_lock(const struct check *c, const struct world *world,
			   uint32_t thread)
{
	if (is_in_section(c, world, thread))
		return 0;
	for (int i = 0; i < N_SECTIONS && c->sections[i].lock; i++)
		if (world_holds(world, thread, c->sections[i].lock))
			return c->sections[i].lock;
	return 0;
}

/* Maps made at one place are one. */
static struct pair *pair_at(struct state *st, enum pair_kind kind,
			    uint32_t lock, const struct check *c,
			    const struct site *second)
{
	uint64_t where = kin_by_place(st->info, c->map);
	bool is_new;
	struct pair *p = ledger_at(
		&st->pairs, where * 8 + kind,
		(uint64_t)c->site.stack << 32 | second->stack, &is_new);

	if (is_new)
		*p = (struct pair){
			.kind = kind,
			.map = c->map,
			.lock = lock,
			.first = c->site,
			.second = *second,
			.is_one_activity = pairs_are_one_activity(
				&st->info->stacks[c->site.stack],
				&st->info->stacks[second->stack]),
		};
	p->n_pairs++;
	return p;
}

static struct pair *pair_of(struct state *st, uint32_t number)
{
	return ledger_get(&st->pairs, number - 1);
}

/* The other thread's write fell in between. */
static void observe(struct pair *p, const struct check *c,
		    const struct site *second, uint32_t lock,
		    const struct key_write *other)
{
	if (!p->n_observed++) {
		p->map = c->map;
		p->lock = lock;
		p->first = c->site;
		p->second = *second;
		p->other = other->site;
		p->number = other->seq;
	}
}

/* It did not, but might have. */
static void suspect(struct pair *p, const struct site *other, uint64_t number,
		    bool was_there, const struct world *world)
{
	if (p->n_observed || p->is_one_life ||
	    (p->other.thread && !was_there) ||
	    !locksets_has(world->locksets, other->lockset, p->lock))
		return;
	p->other = *other;
	p->number = number;
	p->is_one_life = was_there;
}

static void suspect_earlier(struct state *st, struct pair *p,
			    const struct check *c, const struct key_line *line,
			    const struct moment *now, const struct world *world)
{
	for (int i = 0; i < 2; i++) {
		const struct key_write *w = &line->last[i];

		if (w->site.thread && w->site.thread != now->thread &&
		    w->is_put &&
		    !hardorder_are_ordered(st->hard, &w->moment, now))
			suspect(p, &w->site, w->seq, c->is_hit, world);
	}
}

static enum pair_kind kind_of(const struct check *c, const struct event *ev)
{
	bool removes = ev->flags & CMSHIM_REMOVES;

	if (!mapcall_is_write(ev) && c->is_write)
		return PAIR_READ_BACK;
	if (!mapcall_is_write(ev))
		return c->key && c->site.stack != ev->stack ? PAIR_READ_AGAIN
							    : PAIR_NONE;
	if (c->is_write)
		return PAIR_NONE;
	if (!c->key)
		return PAIR_SIZE;
	if (removes)
		return c->is_hit && ev->flags & CMSHIM_MISS ? PAIR_REMOVAL
							    : PAIR_NONE;
	/* What does not tell may keep what is there: then nothing is lost. */
	return mapcall_is_told(ev) ? PAIR_PUT : PAIR_NONE;
}

/* A check, and now what follows it.  Returns which pair they are, plus 1. */
static uint32_t judge(struct state *st, const struct event *ev,
		      const struct world *world, const struct check *c,
		      const struct site *site)
{
	enum pair_kind kind = kind_of(c, ev);
	uint32_t lock = kind ? split_lock(c, world, ev->thread) : 0;
	uint64_t before = ev->seq + !mapcall_is_write(ev);
	const struct key_write *other;
	struct key_line *line;
	struct moment now;
	struct pair *p;

	if (!lock) {
		if (c->pair && mapcall_is_write(ev) && !c->is_write &&
		    is_in_section(c, world, ev->thread))
			pair_of(st, c->pair)->n_acted++;
		return 0;
	}
	p = pair_at(st, kind, lock, c, site);
	line = keyhistory_at(st->history, ev->object, c->key);
	other = keyhistory_between(line, ev->thread, c->seq, before);
	if (other && locksets_has(world->locksets, other->site.lockset, lock)) {
		observe(p, c, site, lock, other);
	} else if (kind == PAIR_PUT) {
		now = hardorder_now(st->hard, ev->thread);
		suspect_earlier(st, p, c, line, &now, world);
		line->pair = 1 + (uint32_t)ledger_place(&st->pairs, p);
		line->acted = *site;
		line->acted_at = now;
	}
	return 1 + (uint32_t)ledger_place(&st->pairs, p);
}

static void note_write(struct state *st, const struct event *ev, uint64_t key,
		       const struct site *site, const struct world *world)
{
	struct key_line *line = keyhistory_at(st->history, ev->object, key);
	struct key_write write = {
		.site = *site,
		.seq = ev->seq,
		.moment = hardorder_now(st->hard, ev->thread),
		.is_put = !(ev->flags & CMSHIM_REMOVES),
	};

	keyhistory_add(line, &write);
	if (line->pair && line->acted.thread != ev->thread && write.is_put &&
	    !hardorder_are_ordered(st->hard, &line->acted_at, &write.moment))
		suspect(pair_of(st, line->pair), site, ev->seq,
			ev->flags & CMSHIM_HIT, world);
}

static struct check *check_at(struct watched *t, uint32_t map, uint64_t key)
{
	uint64_t hash = (key ^ map) * 0x9e3779b97f4a7c15u;

	if (!t->checks)
		t->checks = zeroed(N_CHECKS, sizeof(*t->checks));
	return &t->checks[hash >> 59];
}

static void remember(struct check *c, const struct event *ev, uint64_t key,
		     const struct world *world, const struct site *site,
		     uint32_t epoch, uint32_t pair)
{
	const struct world_thread *t = &world->threads[ev->thread];

	*c = (struct check){
		.key = key,
		.seq = ev->seq,
		.map = ev->object,
		.epoch = epoch,
		.site = *site,
		.is_write = mapcall_is_write(ev),
		.is_hit = ev->flags & CMSHIM_HIT,
		.pair = pair,
	};
	for (size_t i = 0; i < t->n_held && i < N_SECTIONS; i++)
		c->sections[i] = (struct section){
			.lock = t->held[t->n_held - 1 - i].object,
			.index = t->held[t->n_held - 1 - i].index,
		};
}

static void use(struct state *st, const struct event *ev, uint64_t key,
		const struct world *world, const struct site *site)
{
	struct watched *t = &st->threads[ev->thread];
	struct check *c;
	uint32_t pair = 0;

	if (!world->threads[ev->thread].n_held)
		return;
	c = check_at(t, ev->object, key);
	if (c->map == ev->object && c->key == key && c->epoch == t->epoch)
		pair = judge(st, ev, world, c, site);
	if (key || !mapcall_is_write(ev))
		remember(c, ev, key, world, site, t->epoch, pair);
	else if (c->map == ev->object && !c->key)
		c->map = 0; /* a size is used once */
}

static void ended(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;
	struct site site = site_of(ev, world);
	bool is_write = mapcall_is_write(ev);
	uint64_t key = ev->flags & CMSHIM_ITERATOR ? 0 : ev->key;
	bool changed = is_write && mapcall_changed_keys(ev);

	if (!ev->object || ev->flags & CMSHIM_ABANDONED ||
	    (!is_write && !key && !ev->has_arg))
		return;
	if (ev->stack < st->info->n_stacks)
		st->n_at[ev->stack]++;
	if (key)
		use(st, ev, key, world, &site);
	if (key && is_write &&
	    (!(ev->flags & CMSHIM_REMOVES) || mapcall_took_out(ev)))
		note_write(st, ev, key, &site, world);
	if (changed || (ev->has_arg && !is_write))
		use(st, ev, 0, world, &site);
	if (changed)
		note_write(st, ev, 0, &site, world);
}

static void soon(const void *state, const struct event *ev)
{
	const struct state *st = state;

	if (!mapcall_is_write(ev))
		return; /* asks the history only after a check, rarely */
	if (ev->key)
		keyhistory_soon(st->history, ev->object, ev->key);
	keyhistory_soon(st->history, ev->object, 0);
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;
	struct watched *t = &st->threads[ev->thread];

	(void)world;
	switch (ev->op) {
	case CMSHIM_OP_WAIT:
	case CMSHIM_OP_WAKE:
	case CMSHIM_OP_JOIN:
	case CMSHIM_OP_TAKE:
	case CMSHIM_OP_DEPART:
	case CMSHIM_OP_HAPPENS_AFTER:
	case CMSHIM_OP_DROP:
		t->epoch++;
		break;
	case EVENT_THREAD_END:
		store_free(t->checks);
		t->checks = NULL;
		break;
	}
	hardorder_event(st->hard, ev);
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	for (size_t i = 0; i < st->pairs.n; i++) {
		const struct pair *p = ledger_get(&st->pairs, i);

		if (p->second.stack < st->info->n_stacks)
			pairs_report(p, st->n_at[p->second.stack], rules, world,
				     st->mem, out);
	}
	for (size_t i = 0; i < st->info->n_threads; i++)
		store_free(st->threads[i].checks);
	ledger_release(&st->pairs);
	hardorder_free(st->hard);
}

static const struct hearing hears[] = {
	{ ANALYSIS_MAP_ENDED & ~ANALYSIS_OP(CMSHIM_OP_MAP_NEXT), ended },
	{ .ops = 0 },
};

const struct analysis analysis_check_then_act = {
	.name = "check_then_act",
	.help = "checks of a map and acts on them in two critical sections",
	.rules = rules,
	.wants = ANALYSIS_MAP_CALLS | ANALYSIS_OP(CMSHIM_OP_WAIT) |
		 ANALYSIS_OP(CMSHIM_OP_WAKE) | ANALYSIS_OP(CMSHIM_OP_TAKE) |
		 ANALYSIS_OP(CMSHIM_OP_HAPPENS_AFTER) | HARDORDER_OPS |
		 ANALYSIS_MADE,
	.group = ANALYSIS_ORDERED,
	.begin = begin,
	.event = event,
	.hears = hears,
	.soon = soon,
	.finish = finish,
};
