/* SPDX-License-Identifier: MIT */
/* See mistakes.h. */
#include "mistakes.h"

#include <stdlib.h>

#include "kin.h"
#include "store.h"

struct mistakes {
	struct arena *mem;
	const struct trace_info *info;
	struct table *rules; /* address of a rule to a number, from 1 */
	struct table *known; /* (rule and kin), places to index, plus 1 */
	struct mistake *all;
	size_t n, room;
};

struct mistakes *mistakes_new(struct arena *mem, const struct trace_info *info)
{
	struct mistakes *all = arena_alloc(mem, sizeof(*all));

	*all = (struct mistakes){
		.mem = mem,
		.info = info,
		.rules = table_new(),
		.known = table_new(),
	};
	return all;
}

void mistakes_free(struct mistakes *all)
{
	table_free(all->rules);
	table_free(all->known);
	free(all->all);
}

static uint64_t number_of(struct mistakes *all, const struct rule *rule)
{
	uint64_t *number = table_at(all->rules, (uintptr_t)rule, 0);

	if (!*number)
		*number = table_count(all->rules);
	return *number;
}

struct mistake *mistakes_add(struct mistakes *all, const struct rule *rule,
			     uint32_t object, uint32_t stack, uint32_t other)
{
	uint64_t kin = number_of(all, rule) << 40 ^ kin_of(all->info, object);
	uint64_t *index =
		table_at(all->known, kin, (uint64_t)stack << 32 | other);
	bool is_new = !*index;
	struct mistake *m;

	if (is_new) {
		all->all =
			grow(all->all, &all->room, all->n, sizeof(*all->all));
		all->all[all->n].finding = (struct finding){
			.rule = rule,
			.level = rule->level,
			.tier = TIER_OBSERVED,
			.object = object,
		};
		*index = ++all->n;
	}
	m = &all->all[*index - 1];
	m->finding.count++;
	m->finding.weight++;
	return is_new ? m : NULL;
}

void mistakes_side(struct mistakes *all, struct mistake *m,
		   const struct side *side, const struct world *world)
{
	const struct world_thread *t = &world->threads[side->thread];
	struct side_lock *held;
	struct side *out;

	if (m->finding.n_sides == MISTAKE_SIDES)
		return;
	out = &m->sides[m->finding.n_sides++];
	*out = *side;
	held = arena_alloc(all->mem, t->n_held * sizeof(*held) + 1);
	for (size_t i = 0; i < t->n_held; i++)
		held[i] = (struct side_lock){
			.object = t->held[i].object,
			.stack = t->held[i].stack,
			.shared = t->held[i].shared,
		};
	out->held = held;
	out->n_held = t->n_held;
}

void mistakes_holder(struct mistakes *all, struct mistake *m, const char *role,
		     uint32_t thread, const struct world *world)
{
	const struct held *h = world_holds(world, thread, m->finding.object);
	struct side side = {
		.role = role,
		.thread = thread,
		.stack = h ? h->stack : 0,
		.has_time = h && h->has_time,
		.time_ns = h ? h->since_ns : 0,
	};

	mistakes_side(all, m, &side, world);
}

size_t mistakes_count(const struct mistakes *all)
{
	return all->n;
}

struct mistake *mistakes_at(struct mistakes *all, size_t i)
{
	return &all->all[i];
}

void mistakes_report(const struct mistakes *all, struct report *out)
{
	for (size_t i = 0; i < all->n; i++) {
		struct finding f = all->all[i].finding;

		f.sides = all->all[i].sides;
		report_add_finding(out, &f);
	}
}
