/* SPDX-License-Identifier: MIT */
#include "maps/hotkeys.h"

#include <stdlib.h>

static unsigned class_of(uint64_t key)
{
	return (unsigned)(key * 0x9e3779b97f4a7c15u >> 58);
}

/* One that came least often.  Counts only grow: it is the next one with the
   count that was the least before, or there is none and all have more. */
static struct hotkey *find_least(struct hotkeys *hot)
{
	uint64_t least = UINT64_MAX;

	for (uint32_t i = 0; i < N_HOT_KEYS; i++) {
		struct hotkey *k = &hot->keys[hot->next];

		if (k->count <= hot->least)
			return k;
		if (k->count < least)
			least = k->count;
		hot->next = (hot->next + 1) % N_HOT_KEYS;
	}
	hot->least = least;
	return find_least(hot);
}

void hotkeys_add(struct hotkeys *hot, uint64_t key)
{
	uint8_t *in_class = &hot->in_class[class_of(key)];
	struct hotkey *k;

	for (uint32_t i = 0; *in_class && i < hot->n; i++)
		if (hot->keys[i].key == key) {
			hot->keys[i].count++;
			return;
		}
	if (hot->n < N_HOT_KEYS) {
		k = &hot->keys[hot->n++];
	} else {
		k = find_least(hot);
		hot->in_class[class_of(k->key)]--;
	}
	++*in_class;
	*k = (struct hotkey){ .key = key,
			      .count = k->count + 1,
			      .before = k->count };
}

static int by_count(const void *one, const void *other)
{
	const struct map_key *a = one, *b = other;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return a->key < b->key ? -1 : a->key > b->key;
}

size_t hotkeys_list(const struct hotkeys *hot, struct map_key out[N_HOT_KEYS])
{
	for (uint32_t i = 0; i < hot->n; i++)
		out[i] = (struct map_key){
			.key = hot->keys[i].key,
			.count = hot->keys[i].count - hot->keys[i].before,
		};
	if (hot->n)
		qsort(out, hot->n, sizeof(*out), by_count);
	return hot->n;
}
