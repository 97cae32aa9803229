/* SPDX-License-Identifier: MIT */
/*
 * Map calls that have been entered and not left, by thread and by map.
 */
#ifndef REPORTS_OPENCALLS_H
#define REPORTS_OPENCALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maps/writes.h"
#include "store.h"
#include "world/order.h"

/* A call on a map.  Between the writes seq and end: see cmshim/trace.h. */
struct map_call {
	struct site site;
	uint32_t map; /* object */
	bool is_write;
	bool met_write; /* read: a write was inside when it entered */
	bool is_inner;	/* inside another call by the same thread */
	uint64_t seq, end;
	uint64_t key;	      /* 0: of no key */
	struct instant began; /* what was known then */
	struct ending ended;
};

struct open_call {
	struct map_call call;
	uint32_t outer;	     /* of the same thread, opened before */
	uint32_t next, prev; /* on the same map */
};

struct open_calls {
	struct open_call *calls; /* 0 is none */
	size_t n, room;
	uint32_t free;	     /* linked by .next */
	uint32_t *of_thread; /* the innermost */
	uint32_t *of_map;    /* the one opened last */
};

void open_calls_init(struct open_calls *open, size_t n_threads,
		     size_t n_objects, struct arena *mem);
void open_calls_release(struct open_calls *open);

void open_calls_push(struct open_calls *open, const struct map_call *call);

/*
 * Takes away the innermost open call of thread on map; on any map if it is 0.
 * Returns false if there is none.
 */
bool open_calls_take(struct open_calls *open, uint32_t thread, uint32_t map,
		     struct map_call *call);

/* All that are open on map: the first, and the one after; NULL at the end. */
const struct open_call *open_calls_of(const struct open_calls *open,
				      uint32_t map);
const struct open_call *open_calls_next(const struct open_calls *open,
					const struct open_call *o);

#endif
