/* SPDX-License-Identifier: MIT */
/* In which order locks and maps are listed: by up to three numbers. */
#ifndef REPORTS_RANK_H
#define REPORTS_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Larger numbers come first, and the first number decides. */
struct rank {
	uint64_t by[3];
};

static inline struct rank rank_of_lock(uint64_t wait_ns, uint64_t contended,
				       uint64_t acquisitions)
{
	return (struct rank){ { wait_ns, contended, acquisitions } };
}

static inline struct rank rank_of_map(uint64_t overlaps, bool is_shared,
				      uint64_t calls)
{
	return (struct rank){ { overlaps, is_shared, calls } };
}

static inline int rank_compare(struct rank a, struct rank b)
{
	for (size_t i = 0; i < 3; i++)
		if (a.by[i] != b.by[i])
			return a.by[i] > b.by[i] ? -1 : 1;
	return 0;
}

#endif
