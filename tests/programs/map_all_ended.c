/* SPDX-License-Identifier: MIT */
/*
 * Twenty tables of one place are destroyed, twice over; of another place none
 * is.
 *
 * expect: nothing
 */
#include <search.h>

#include "program.h"

int main(void)
{
	static struct hsearch_data tables[20], kept[20];

	for (int turn = 0; turn < 2; turn++) {
		for (int i = 0; i < 20; i++)
			must(hcreate_r(10, &tables[i]), "make a table");
		for (int i = 0; i < 20; i++)
			hdestroy_r(&tables[i]);
	}
	for (int i = 0; i < 20; i++)
		must(hcreate_r(10, &kept[i]), "make a table");
	return 0;
}
