/* SPDX-License-Identifier: MIT */
/* See site.h. */
#include "world/site.h"

#include "world/lockset.h"

struct side site_side(const struct site *site, const char *role,
		      const struct world *world, struct arena *mem)
{
	struct side side = {
		.role = role,
		.thread = site->thread,
		.call = site->call,
		.stack = site->stack,
	};

	side.held = locksets_list(world->locksets, site->lockset, mem,
				  &side.n_held);
	return side;
}

const char *site_role(const struct site *site, bool is_write,
		      const struct trace_info *info)
{
	switch (info->calls[site->call].op) {
	case CMSHIM_OP_MAP_FREE:
		return "destroyed";
	case CMSHIM_OP_MAP_NEXT:
		return "iterated";
	default:
		return is_write ? "wrote" : "read";
	}
}
