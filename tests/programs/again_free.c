/* SPDX-License-Identifier: MIT */
/*
 * Two locks in a block that is freed, and two others in the next one at the
 * same address.
 *
 * expect: nothing
 */
#include "again_there.h"

int main(void)
{
	struct pair *first, *second;

	pair_threads();
	first = pair_begin(malloc(sizeof(*first)));
	pair_use(first);
	free(first);
	second = pair_begin(malloc(sizeof(*second)));
	must(first == second, "get the same address");
	pair_use(second);
	free(second);
	return 0;
}
