/* SPDX-License-Identifier: MIT */
/*
 * Two locks far into a large block, which is freed; the next one is at the
 * same address.  Above libc's threshold blocks are mappings at first.
 *
 * expect: nothing
 */
#include "again_there.h"

struct large {
	char data[100000];
	struct pair pair;
};

int main(void)
{
	struct large *first, *second;

	pair_threads();
	first = malloc(sizeof(*first));
	pair_use(pair_begin(&first->pair));
	free(first);
	second = malloc(sizeof(*second));
	must(first == second, "get the same address");
	pair_use(pair_begin(&second->pair));
	free(second);
	return 0;
}
