/* SPDX-License-Identifier: MIT */
/*
 * Events of one thread that are alike, as a list of their places in it.
 *
 *	groups_init(&groups, trace->n_events);
 *	groups_put(&groups, a, b, c, i);	for each event, in order
 *	groups_close(&groups, holds->pos);
 *
 * Events with equal a, b and c are of one group; they are the caller's to
 * choose, but must tell threads apart.
 */
#ifndef REPORTS_GROUPS_H
#define REPORTS_GROUPS_H

#include <stddef.h>
#include <stdint.h>

#define NO_GROUP UINT32_MAX

struct groups {
	uint32_t n;
	uint32_t *of;	 /* [event] the group, or NO_GROUP */
	size_t *first;	 /* [n + 1] where in .pos a group begins */
	uint32_t *pos;	 /* places in the thread, ascending in a group */
	size_t n_events; /* of the trace */
	struct table *known;
	struct arena *mem;
};

void groups_init(struct groups *groups, size_t n_events);
void groups_release(struct groups *groups);

/* Returns the number of the group, which is new if it equals the old .n. */
uint32_t groups_put(struct groups *groups, uint32_t a, uint32_t b, uint32_t c,
		    size_t event);
void groups_close(struct groups *groups, const uint32_t *pos);

/* The first of a group's places from `from` on that is larger than `pos`. */
size_t groups_after(const struct groups *groups, size_t from, size_t end,
		    uint32_t pos);

#endif
