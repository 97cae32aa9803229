/* SPDX-License-Identifier: MIT */
/*
 * Two locks at the end of a block that realloc() cuts off, and two others in
 * the block that is made of the rest.
 *
 * expect: nothing
 */
#include "again_there.h"

int main(void)
{
	struct pair *first, *second;
	char *block;

	pair_threads();
	/* Of 160 bytes the first 40 and a header leave the rest from 48 on. */
	block = malloc(160);
	first = pair_begin(block + 48);
	pair_use(first);
	block = realloc(block, 40);
	must(block + 48 == (char *)first, "cut it off");
	second = pair_begin(malloc(112));
	must(first == second, "get the same address");
	pair_use(second);
	free(second);
	free(block);
	return 0;
}
