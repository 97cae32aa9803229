/* SPDX-License-Identifier: MIT */
/*
 * An array that loses its older half when it is full.  A wait that began
 * before what is left counts for the oldest section there is.
 */
#include "locks/sections.h"

#include <stdlib.h>

/* So many others, at most, get a lock while one thread waits for it. */
#define MAX_STAMPED 4096u

void sections_release(struct sections *s)
{
	store_free(s->stamped);
	*s = (struct sections){ .stamped = NULL };
}

void sections_add(struct sections *s, struct section ended, bool has_time,
		  struct allowance *left)
{
	s->last = ended;
	s->last_is_unstamped = !has_time;
	if (!has_time)
		return;

	s->stamped = grow_recent(s->stamped, &s->room, &s->n,
				 sizeof(*s->stamped), MAX_STAMPED, left);
	s->stamped[s->n++] = ended;
}

static uint64_t clamp(uint64_t ns, uint64_t from_ns, uint64_t to_ns)
{
	if (ns < from_ns)
		return from_ns;
	return ns < to_ns ? ns : to_ns;
}

void sections_split(const struct sections *s, uint64_t from_ns, uint64_t to_ns,
		    void (*share)(void *context, const struct section *holder,
				  uint64_t ns),
		    void *context)
{
	uint64_t done_ns = to_ns; /* from here on it has been shared out */
	size_t i = s->n;

	if (s->last_is_unstamped || !i) {
		done_ns = i ? clamp(s->stamped[i - 1].end_ns, from_ns, to_ns)
			    : from_ns;
		share(context, &s->last, to_ns - done_ns);
	}

	while (i > 0 && done_ns > from_ns) {
		uint64_t begun_ns = from_ns;

		i--;
		if (i > 0)
			begun_ns = clamp(s->stamped[i - 1].end_ns, from_ns,
					 done_ns);
		share(context, &s->stamped[i], done_ns - begun_ns);
		done_ns = begun_ns;
	}
}
