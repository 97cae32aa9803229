/* SPDX-License-Identifier: MIT */
/*
 * The same calls with a mutex held that nobody waits for, and without one.
 *
 * expect: nothing
 */
#include "blocking.h"

int main(void)
{
	for (size_t i = 0; i < N_BLOCKINGS; i++) {
		block(&blockings[i], true, false);
		block(&blockings[i], false, false);
	}
	return 0;
}
