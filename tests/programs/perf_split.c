/* SPDX-License-Identifier: MIT */
/*
 * Each thread uses a map of its own, and the same key.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * allow: guard-coarse
 * expect: perf-hot
 * expect: perf-split
 * allow: perf-starve
 */
#include "perf_maps.h"

int main(void)
{
	struct maps_user one = { g_hash_table_new(NULL, NULL), 1, 1 };
	struct maps_user other = { g_hash_table_new(NULL, NULL), 1, 1 };

	maps_run(&one, &other);
	return 0;
}
