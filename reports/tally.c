/* SPDX-License-Identifier: MIT */
/* See tally.h. */
#include "tally.h"

void tally_add(struct tally *t, uint64_t ns, struct arena *mem)
{
	if (t->n < TALLY_FEW) {
		t->few[t->n++] = ns;
		return;
	}
	if (t->n++ == TALLY_FEW) {
		t->all = arena_alloc(mem, sizeof(*t->all));
		for (size_t i = 0; i < TALLY_FEW; i++)
			durations_add(t->all, t->few[i]);
	}
	durations_add(t->all, ns);
}

struct duration_figures tally_figures(const struct tally *t)
{
	struct durations few = { .n = 0 };

	if (t->all)
		return durations_figures(t->all);
	for (size_t i = 0; i < t->n; i++)
		durations_add(&few, t->few[i]);
	return durations_figures(&few);
}
