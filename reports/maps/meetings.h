/* SPDX-License-Identifier: MIT */
/*
 * Which calls a call met inside its map, found among the writes that are
 * known of it.
 */
#ifndef REPORTS_MEETINGS_H
#define REPORTS_MEETINGS_H

#include "maps/opencalls.h"
#include "maps/overlaps.h"

/* What is known of one map. */
struct meetings {
	uint32_t object;
	struct writes writes;
	uint64_t n_overlaps;
	uint64_t n_unproven; /* calls and writes whose partner is missing */
};

struct part map_call_part(const struct map_call *q);

/* Whether who began a call knew that another one had ended. */
bool instant_knew(const struct instant *began, const struct ending *ended);

/*
 * Adds to found whom the call met.  All writes up to its end have come, and
 * those it may have met have ended if they ever do.
 */
void meetings_answer(struct meetings *met, const struct open_calls *opens,
		     struct overlaps *found, struct map_call q);

#endif
