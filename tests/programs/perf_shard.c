/* SPDX-License-Identifier: MIT */
/*
 * Each thread uses a key of its own in one map.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * allow: guard-keys
 * expect: perf-hot
 * expect: perf-shard
 * allow: perf-starve
 */
#include "perf_maps.h"

int main(void)
{
	struct maps_user one = { g_hash_table_new(NULL, NULL), 1, 1 };
	struct maps_user other = { one.map, 2, 1 };

	maps_run(&one, &other);
	return 0;
}
