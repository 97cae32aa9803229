/* SPDX-License-Identifier: MIT */
/* See mistakes.h. */
#include "locks/mistakes.h"

#include "ledger.h"
#include "world/kin.h"
#include "world/lockset.h"

struct mistakes {
	struct arena *mem;
	const struct trace_info *info;
	struct table *rules; /* address of a rule to a number, from 1 */
	struct ledger known; /* by rule and kin, and places */
};

struct mistakes *mistakes_new(struct arena *mem, const struct trace_info *info)
{
	struct mistakes *all = arena_alloc(mem, sizeof(*all));

	*all = (struct mistakes){
		.mem = mem,
		.info = info,
		.rules = table_new(),
		.known = ledger_of(sizeof(struct mistake)),
	};
	return all;
}

void mistakes_free(struct mistakes *all)
{
	table_free(all->rules);
	ledger_release(&all->known);
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
	bool is_new;
	struct mistake *m = ledger_at(&all->known, kin,
				      (uint64_t)stack << 32 | other, &is_new);

	if (is_new)
		m->finding = (struct finding){
			.rule = rule,
			.level = rule->level,
			.tier = TIER_OBSERVED,
			.object = object,
		};
	m->finding.count++;
	m->finding.weight++;
	return is_new ? m : NULL;
}

void mistakes_side(struct mistakes *all, struct mistake *m,
		   const struct side *side, const struct world *world)
{
	struct side *out;

	if (m->finding.n_sides == MISTAKE_SIDES)
		return;
	out = &m->sides[m->finding.n_sides++];
	*out = *side;
	out->held = locksets_now(world, side->thread, all->mem, &out->n_held);
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
	return all->known.n;
}

struct mistake *mistakes_at(struct mistakes *all, size_t i)
{
	return ledger_get(&all->known, i);
}

void mistakes_report(const struct mistakes *all, struct report *out)
{
	for (size_t i = 0; i < all->known.n; i++) {
		const struct mistake *m = ledger_get(&all->known, i);
		struct finding f = m->finding;

		f.sides = m->sides;
		report_add_finding(out, &f);
	}
}
