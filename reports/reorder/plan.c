/* SPDX-License-Identifier: MIT */
/*
 * Whoever came to its place early has to be stopped there, until the last one
 * has come to its own.
 */
#include "reorder/plan.h"

#include <inttypes.h>

static const char *ordinal(struct arena *mem, uint64_t n)
{
	static const char *const ends[] = { "th", "st", "nd", "rd" };
	bool is_teen = n % 100 / 10 == 1;

	return arena_printf(mem, "%" PRIu64 "%s", n,
			    ends[is_teen || n % 10 > 3 ? 0 : n % 10]);
}

/* The next after `order` of the order in which they came there. */
static size_t next_of(const struct reorder_place *places, size_t n,
		      const struct reorder_place *before)
{
	size_t next = n;

	for (size_t i = 0; i < n; i++)
		if ((!before || places[i].order > before->order) &&
		    (next == n || places[i].order < places[next].order))
			next = i;
	return next;
}

const char *plan_text(struct arena *mem, const struct trace_info *info,
		      const struct reorder_place *places, size_t n)
{
	const struct reorder_place *p = &places[next_of(places, n, NULL)];
	const char *text = "Stop";

	for (size_t i = 0; i < n; i++) {
		const char *what = i + 1 < n ? ","
				   : n > 2   ? "; then let them go on."
					     : "; then let both go on.";

		if (i > 0)
			p = &places[next_of(places, n, p)];
		if (i + 1 == n)
			text = arena_printf(mem, "%s until", text);
		text = arena_printf(
			mem, "%s thread %" PRIu32 " %s the %s time%s", text,
			info->threads[p->thread].number,
			i + 1 == n ? "comes to its own"
				   : "just before the call shown here,",
			ordinal(mem, p->nth), what);
	}
	return text;
}
