/* SPDX-License-Identifier: MIT */
/*
 * Two locks in a block that stays, between others that are freed: used in
 * both orders.
 *
 * expect: dl-potential
 */
#include "again_there.h"

int main(void)
{
	void *before = malloc(sizeof(struct pair));
	struct pair *pair = pair_begin(malloc(sizeof(*pair)));
	void *after = malloc(sizeof(*pair));

	pair_threads();
	pair_use(pair);
	free(before);
	free(after);
	pair_use(pair);
	free(pair);
	return 0;
}
