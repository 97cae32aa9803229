/* SPDX-License-Identifier: MIT */
/* See promises.h. */
#include "world/promises.h"

#include <stdlib.h>

#include "store.h"
#include "world/kin.h"

struct promises {
	const struct trace_info *info;
	bool *is_looked_at; /* by object: before a call, which may not come */
	uint32_t *known;    /* by slot: counts of what was left */
	size_t n_known, room_known;
};

struct promises *promises_new(const struct trace_info *info)
{
	struct promises *p = zeroed(1, sizeof(*p));

	p->info = info;
	p->is_looked_at = zeroed(info->n_objects, sizeof(*p->is_looked_at));
	return p;
}

void promises_free(struct promises *p)
{
	store_free(p->is_looked_at);
	store_free(p->known);
	store_free(p);
}

static void learn(struct promises *p, uint32_t slot, uint32_t count)
{
	while (p->n_known <= slot) {
		p->known = grow(p->known, &p->room_known, p->n_known,
				sizeof(*p->known));
		p->known[p->n_known++] = 0;
	}
	if (p->known[slot] < count)
		p->known[slot] = count;
}

void promises_event(struct promises *p, const struct event *ev,
		    const struct world *world)
{
	const struct instant *now;
	const struct vclock *known;

	if (ev->op == CMSHIM_OP_ONCE_RETURN) {
		if (ev->flags & CMSHIM_MISS)
			p->is_looked_at[ev->object] = true;
		return;
	}
	if (!p->is_looked_at[ev->object] &&
	    kin_is_variable(p->info, ev->object))
		return;
	now = order_now(world->order, ev->thread);
	known = now->known[ORDER_ALL];
	for (uint32_t slot = 0; known && slot < known->n; slot++)
		learn(p, slot, known->counts[slot]);
	learn(p, now->at.slot, now->at.count);
}

bool promises_tell(const struct promises *p, struct epoch epoch)
{
	return epoch.slot < p->n_known && p->known[epoch.slot] >= epoch.count;
}
