/* SPDX-License-Identifier: MIT */
#include "maps/pairs.h"

#include <inttypes.h>

/* In so many percent of cases the second place comes after the first. */
#define NEARLY_ALWAYS 90

#define MAX_DIFFERENT 2u

bool pairs_are_one_activity(const struct stack_info *a,
			    const struct stack_info *b)
{
	uint32_t n = 0;

	while (n < a->n_frames && n < b->n_frames &&
	       a->frames[a->n_frames - 1 - n] == b->frames[b->n_frames - 1 - n])
		n++;
	return a->n_frames - n <= MAX_DIFFERENT &&
	       b->n_frames - n <= MAX_DIFFERENT;
}

static const char *message(const struct pair *p, struct arena *mem)
{
	static const char *const texts[] = {
		[PAIR_PUT] = "the key was written by another thread",
		[PAIR_REMOVAL] = "the key was removed by another thread",
		[PAIR_READ_BACK] = "the key was written by another thread",
		[PAIR_READ_AGAIN] = "the key was written by another thread",
		[PAIR_SIZE] = "the map was changed by another thread",
	};

	if (p->n_observed == 1 && p->n_pairs == 1)
		return arena_printf(mem, "In between %s", texts[p->kind]);
	if (!p->n_observed)
		return arena_printf(mem,
				    "It went well %" PRIu64
				    " time%s; another thread writes the same "
				    "keys, and nothing but chance kept it out",
				    p->n_pairs, p->n_pairs == 1 ? "" : "s");
	return arena_printf(mem,
			    "In %" PRIu64 " of %" PRIu64 " times %s in between",
			    p->n_observed, p->n_pairs, texts[p->kind]);
}

static void add_finding(const struct pair *p, const struct rule *rule,
			enum level level, const struct world *world,
			struct arena *mem, struct report *out)
{
	bool acted = p->kind == PAIR_PUT || p->kind == PAIR_REMOVAL ||
		     p->kind == PAIR_SIZE;
	struct side sides[] = {
		site_side(&p->first,
			  p->kind == PAIR_READ_BACK ? "wrote"
			  : p->kind == PAIR_SIZE    ? "asked for the size"
						    : "looked",
			  world, mem),
		site_side(&p->other,
			  p->n_observed ? "wrote in between"
					: "writes the key too",
			  world, mem),
		site_side(&p->second,
			  acted ? "acted on it later" : "looked later", world,
			  mem),
	};

	sides[1].write_number = p->number;
	report_add_finding(
		out,
		&(struct finding){
			.rule = rule,
			.level = level,
			.tier = p->n_observed ? TIER_OBSERVED : TIER_PREDICTED,
			.object = p->map,
			.weight = p->n_observed ? p->n_observed : p->n_pairs,
			.count = p->n_observed ? p->n_observed : p->n_pairs,
			.message = message(p, mem),
			.advice = "Keep the lock from the first to the last, "
				  "or look again after taking it.",
			.sides = sides,
			.n_sides = 3,
		});
}

static enum level level_of(const struct pair *p)
{
	switch (p->kind) {
	case PAIR_PUT:
		return p->n_observed	? LEVEL_ERROR
		       : p->is_one_life ? LEVEL_WARNING
					: LEVEL_NOTE;
	case PAIR_REMOVAL:
	case PAIR_READ_BACK:
		return LEVEL_WARNING;
	default:
		return LEVEL_NOTE;
	}
}

void pairs_report(const struct pair *p, uint64_t n_second,
		  const struct rule *rules, const struct world *world,
		  struct arena *mem, struct report *out)
{
	enum pair_rule rule =
		p->kind == PAIR_SIZE ? RULE_STALE_SIZE
		: p->kind == PAIR_READ_BACK || p->kind == PAIR_READ_AGAIN
			? RULE_UNSERIALIZABLE
			: RULE_CHECK_THEN_ACT;

	/* A loop: what was read was read for what follows, not for what was. */
	if (p->n_acted * 2 >= p->n_pairs)
		return;
	if (p->is_one_activity && p->other.thread &&
	    p->n_pairs * 100 >= n_second * NEARLY_ALWAYS)
		add_finding(p, &rules[rule], level_of(p), world, mem, out);
}
