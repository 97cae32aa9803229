/* SPDX-License-Identifier: MIT */
/*
 * Both threads write one key of one map: they have to wait.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: perf-hot
 * allow: perf-starve
 */
#include "perf_maps.h"

int main(void)
{
	struct maps_user one = { g_hash_table_new(NULL, NULL), 1, 1 };
	struct maps_user other = { one.map, 1, 1 };

	maps_run(&one, &other);
	return 0;
}
