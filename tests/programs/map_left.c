/* SPDX-License-Identifier: MIT */
/*
 * Of twenty tables made in one place two are destroyed.
 *
 * expect: map-leak
 */
#include <search.h>

#include "program.h"

int main(void)
{
	static struct hsearch_data tables[20];

	for (int i = 0; i < 20; i++)
		must(hcreate_r(10, &tables[i]), "make a table");
	hdestroy_r(&tables[0]);
	hdestroy_r(&tables[1]);
	return 0;
}
