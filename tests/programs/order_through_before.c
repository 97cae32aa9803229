/* SPDX-License-Identifier: MIT */
/*
 * Who goes through the gate does so before the other is inside: it may then be
 * stopped while the other comes to its second lock.
 *
 * expect: dl-predicted
 */
#include "order_through.h"

int main(void)
{
	meet_at_the_gate(1);
	return 0;
}
