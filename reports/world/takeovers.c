/* SPDX-License-Identifier: MIT */
/* See takeovers.h. */
#include "world/takeovers.h"

const struct last_order *takeovers_last(const struct takeovers *t,
					uint32_t giver, uint32_t count)
{
	for (uint32_t i = 1; t && i <= KEPT_TAKEOVERS; i++) {
		const struct takeover *one =
			&t->all[(t->n - i) % KEPT_TAKEOVERS];

		if (one->what.giver == giver && one->count == count)
			return &one->what;
	}
	return NULL;
}
