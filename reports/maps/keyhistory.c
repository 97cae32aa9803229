/* SPDX-License-Identifier: MIT */
#include "maps/keyhistory.h"

#include "fetch.h"

/* 12 MiB, of which only what is used is touched. */
#define LINE_BITS 16

struct keyhistory {
	struct key_line lines[1u << LINE_BITS];
};

struct keyhistory *keyhistory_new(struct arena *mem)
{
	return arena_alloc(mem, sizeof(struct keyhistory));
}

static size_t place_of(uint32_t map, uint64_t key)
{
	return ((key ^ (uint64_t)map << 32) * 0x9e3779b97f4a7c15u) >>
	       (64 - LINE_BITS);
}

void keyhistory_soon(const struct keyhistory *h, uint32_t map, uint64_t key)
{
	fetch(&h->lines[place_of(map, key)], sizeof(h->lines[0]));
}

struct key_line *keyhistory_at(struct keyhistory *h, uint32_t map, uint64_t key)
{
	struct key_line *line = &h->lines[place_of(map, key)];

	if (line->key != key || line->map != map)
		*line = (struct key_line){ .key = key, .map = map };
	return line;
}

void keyhistory_add(struct key_line *line, const struct key_write *write)
{
	if (line->last[0].site.thread != write->site.thread)
		line->last[1] = line->last[0];
	line->last[0] = *write;
}

const struct key_write *keyhistory_between(const struct key_line *line,
					   uint32_t thread, uint64_t after,
					   uint64_t before)
{
	for (int i = 0; i < 2; i++) {
		const struct key_write *w = &line->last[i];

		if (w->site.thread && w->site.thread != thread &&
		    w->seq > after && w->seq < before)
			return w;
	}
	return NULL;
}
