/* SPDX-License-Identifier: MIT */
/*
 * Both threads only read one key of one map.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: perf-hot
 * expect: perf-mutex-as-rw
 * allow: perf-starve
 */
#include "perf_maps.h"

int main(void)
{
	struct maps_user one = { g_hash_table_new(NULL, NULL), 1, 0 };
	struct maps_user other = { one.map, 1, 0 };

	maps_run(&one, &other);
	return 0;
}
