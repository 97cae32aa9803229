/* SPDX-License-Identifier: MIT */
/*
 * Who goes through the gate does so after the other was inside: that order
 * would have to change for a deadlock, and whether it can is not known.
 *
 * expect: dl-potential
 */
#include "order_through.h"

int main(void)
{
	meet_at_the_gate(0);
	return 0;
}
