/* SPDX-License-Identifier: MIT */
/*
 * A table of hsearch_r() is made larger as its manual leaves one to: another
 * one is filled, the old one is destroyed, and the other takes its place by an
 * assignment.  It is used there, and was not destroyed.
 * (map_after_destroy.c is about one that was.)
 *
 * expect: nothing
 */
#include <search.h>
#include <string.h>

#include "program.h"

static struct hsearch_data table;

static int put(struct hsearch_data *in, char *key)
{
	ENTRY item = { .key = key }, *found;

	return hsearch_r(item, ENTER, &found, in);
}

int main(void)
{
	static char keys[64][8];

	must(hcreate_r(4, &table), "make a table");
	for (int i = 0; i < 64; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%d", i);
		if (i >= 4 && (i & (i - 1)) == 0) {
			struct hsearch_data larger;

			memset(&larger, 0, sizeof(larger));
			must(hcreate_r((size_t)i * 2, &larger), "make one");
			for (int k = 0; k < i; k++)
				put(&larger, keys[k]);
			hdestroy_r(&table);
			table = larger;
		}
		IS(1, put(&table, keys[i]));
	}
	hdestroy_r(&table);
	return 0;
}
