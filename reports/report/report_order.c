/* SPDX-License-Identifier: MIT */
/* The steps of a deadlock, out of the sides of a finding. */
#include "report/report_parts.h"
#include "store.h"

/* One by one the sides take what they hold, which no two of them share; then
   each asks. */
void report_give_order(struct report *report, struct shown_finding *f)
{
	struct shown_step *order;
	size_t n = f->n_sides;

	for (size_t i = 0; i < f->n_sides; i++)
		n += f->sides[i].n_held;
	order = arena_alloc(report->mem, n * sizeof(*order) + 1);
	f->order = order;
	for (size_t i = 0; i < f->n_sides; i++)
		for (size_t k = 0; k < f->sides[i].n_held; k++)
			order[f->n_order++] = (struct shown_step){
				.thread = f->sides[i].thread,
				.lock = f->sides[i].held[k].lock,
				.shared = f->sides[i].held[k].shared,
			};
	for (size_t i = 0; i < f->n_sides; i++)
		if (f->sides[i].waits_for)
			order[f->n_order++] = (struct shown_step){
				.thread = f->sides[i].thread,
				.lock = f->sides[i].waits_for,
				.is_request = true,
			};
}
