/* SPDX-License-Identifier: MIT */
/*
 * Two locks in a block that realloc() leaves where it is: they stay what they
 * are, and are used in both orders.
 *
 * expect: dl-potential
 */
#include "again_there.h"

int main(void)
{
	struct pair *pair = pair_begin(malloc(2000));
	const uintptr_t place = (uintptr_t)pair;

	pair_threads();
	pair_use(pair);
	/* The rest joins what is free behind it. */
	pair = realloc(pair, 120);
	must((uintptr_t)pair == place, "cut off what is behind");
	pair = realloc(pair, 1000);
	must((uintptr_t)pair == place, "have it grow");
	pair_use(pair);
	free(pair);
	return 0;
}
