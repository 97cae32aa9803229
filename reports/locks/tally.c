/* SPDX-License-Identifier: MIT */
/* See tally.h. */
#include "locks/tally.h"

static void few_to_all(struct tally *t, struct arena *mem)
{
	const uint64_t *few = t->few;

	t->all = arena_alloc(mem, sizeof(*t->all));
	for (size_t i = 0; i < TALLY_FEW; i++)
		durations_add(t->all, few[i]);
}

void tally_add(struct tally *t, uint64_t ns, struct arena *mem)
{
	uint64_t only = t->only;

	t->n++;
	if (t->n == 1) {
		t->only = ns;
		return;
	}
	if (t->n == 2) {
		t->few = arena_alloc(mem, TALLY_FEW * sizeof(*t->few));
		t->few[0] = only;
	}
	if (t->n <= TALLY_FEW) {
		t->few[t->n - 1] = ns;
		return;
	}
	if (t->n == TALLY_FEW + 1)
		few_to_all(t, mem);
	durations_add(t->all, ns);
}

struct duration_figures tally_figures(const struct tally *t)
{
	struct durations few = { .n = 0 };

	if (t->n > TALLY_FEW)
		return durations_figures(t->all);
	for (size_t i = 0; i < t->n; i++)
		durations_add(&few, t->n == 1 ? t->only : t->few[i]);
	return durations_figures(&few);
}
