/* SPDX-License-Identifier: MIT */
/* See tally.h. */
#include "locks/tally.h"

#define LONGEST_NS (((uint64_t)1 << 48) - 1)

static void add_all(struct durations *to, const struct tally_one *from,
		    size_t n)
{
	for (size_t i = 0; i < n; i++)
		durations_add(to, from[i].ns, from[i].weight);
}

static void few_to_all(struct tally *t, struct arena *mem)
{
	const struct tally_one *few = t->few;

	t->all = arena_alloc(mem, sizeof(*t->all));
	add_all(t->all, few, TALLY_FEW);
}

void tally_add(struct tally *t, uint64_t ns, uint16_t weight, struct arena *mem)
{
	const struct tally_one only = t->only;
	const struct tally_one one = {
		.ns = ns < LONGEST_NS ? ns : LONGEST_NS,
		.weight = weight,
	};

	t->n++;
	if (t->n == 1) {
		t->only = one;
		return;
	}
	if (t->n == 2) {
		t->few = arena_alloc(mem, TALLY_FEW * sizeof(*t->few));
		t->few[0] = only;
	}
	if (t->n <= TALLY_FEW) {
		t->few[t->n - 1] = one;
		return;
	}
	if (t->n == TALLY_FEW + 1)
		few_to_all(t, mem);
	durations_add(t->all, one.ns, weight);
}

struct duration_figures tally_figures(const struct tally *t)
{
	struct durations few = { .n = 0 };

	if (t->n > TALLY_FEW)
		return durations_figures(t->all);
	add_all(&few, t->n == 1 ? &t->only : t->few, t->n);
	return durations_figures(&few);
}
