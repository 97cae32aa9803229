/* SPDX-License-Identifier: MIT */
/*
 * The numbers that come most often in a stream, in the space of a few (Space
 * Saving: Metwally, Agrawal and El Abbadi, 2005).  Whatever comes more often
 * than one time in N_HOT_KEYS is among them.
 */
#ifndef REPORTS_HOTKEYS_H
#define REPORTS_HOTKEYS_H

#include "report/report.h"

enum { N_HOT_KEYS = 16 };

struct hotkeys {
	struct hotkey {
		uint64_t key;
		uint64_t count;	 /* at most so often */
		uint64_t before; /* of them maybe others' */
	} keys[N_HOT_KEYS];
	uint32_t n;
	uint32_t next;	      /* where the least is looked for */
	uint64_t least;	      /* no count is below */
	uint8_t in_class[64]; /* how many keys: most that come are none */
};

void hotkeys_add(struct hotkeys *hot, uint64_t key);

/* Writes the keys that came at least once for certain, most often first, and
   returns how many. */
size_t hotkeys_list(const struct hotkeys *hot, struct map_key out[N_HOT_KEYS]);

#endif
