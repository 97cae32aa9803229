/* SPDX-License-Identifier: MIT */
/*
 * Two locks in a block that realloc() moves, and two others in the next one
 * at the old address.
 *
 * expect: nothing
 */
#include "again_there.h"

int main(void)
{
	struct pair *first, *second;
	uintptr_t old;
	void *behind, *moved;

	pair_threads();
	first = pair_begin(malloc(sizeof(*first)));
	behind = malloc(sizeof(*first));
	must(behind != NULL, "keep it from growing in place");
	pair_use(first);
	old = (uintptr_t)first;
	moved = realloc(first, 100 * sizeof(*first));
	must((uintptr_t)moved != old, "have it moved");
	second = pair_begin(malloc(sizeof(*second)));
	must((uintptr_t)second == old, "get the same address");
	pair_use(second);
	free(second);
	free(moved);
	free(behind);
	return 0;
}
