/* SPDX-License-Identifier: MIT */
/* See lives.h. */
#include "world/lives.h"

void lives_init(struct lives *lives, const struct trace_info *info,
		struct arena *mem)
{
	lives->info = info;
	lives->of = arena_alloc(mem, info->n_threads * sizeof(*lives->of));
}

uint64_t lives_sum_ns(const struct lives *lives, const struct world *world)
{
	const struct trace_info *info = lives->info;
	uint64_t sum_ns = 0;

	for (size_t i = 1; i < info->n_threads; i++) {
		const struct life *life = &lives->of[i];
		uint64_t from_ns = life->first_ns, to_ns = info->duration_ns;

		if (!life->begun)
			continue;
		if (info->threads[i].number == 1)
			from_ns = 0;
		if (world->threads[i].exited)
			to_ns = life->last_ns;
		if (to_ns > from_ns)
			sum_ns += to_ns - from_ns;
	}
	return sum_ns;
}
