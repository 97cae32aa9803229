/* SPDX-License-Identifier: MIT */
/*
 * What a critical section used: which maps, and of each which classes of keys.
 */
#ifndef REPORTS_FOOTPRINT_H
#define REPORTS_FOOTPRINT_H

#include <stdbool.h>
#include <stdint.h>

enum { FOOTPRINT_MAPS = 4 };

struct footprint {
	uint32_t n;
	bool is_full; /* it used other maps too */
	struct footprint_map {
		uint32_t map;
		uint64_t keys; /* a bit for each of 64 classes */
	} maps[FOOTPRINT_MAPS];
};

/* key 0: of all keys. */
static inline void footprint_add(struct footprint *f, uint32_t map,
				 uint64_t key)
{
	uint64_t class = key ? (uint64_t)1 << (key * 0x9e3779b97f4a7c15u >> 58)
			     : UINT64_MAX;
	uint32_t i = 0;

	while (i < f->n && f->maps[i].map != map)
		i++;
	if (i == FOOTPRINT_MAPS) {
		f->is_full = true;
		return;
	}
	if (i == f->n)
		f->maps[f->n++] = (struct footprint_map){ .map = map };
	f->maps[i].keys |= class;
}

enum footprint_relation {
	FOOTPRINTS_MEET, /* or may: something is not known */
	FOOTPRINTS_OTHER_MAPS,
	FOOTPRINTS_OTHER_KEYS, /* of the maps that both use */
};

static inline enum footprint_relation
footprint_compare(const struct footprint *a, const struct footprint *b)
{
	enum footprint_relation relation = FOOTPRINTS_OTHER_MAPS;

	if (!a->n || !b->n || a->is_full || b->is_full)
		return FOOTPRINTS_MEET;
	for (uint32_t i = 0; i < a->n; i++)
		for (uint32_t j = 0; j < b->n; j++) {
			if (a->maps[i].map != b->maps[j].map)
				continue;
			if (a->maps[i].keys & b->maps[j].keys)
				return FOOTPRINTS_MEET;
			relation = FOOTPRINTS_OTHER_KEYS;
		}
	return relation;
}

#endif
