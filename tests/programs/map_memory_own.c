/* SPDX-License-Identifier: MIT */
/*
 * A tree's variable is freed by what tdestroy() calls for its node, and another
 * tree's variable is at the same address, of which nobody says that it begins.
 * No call is inside it when its first one comes.
 *
 * expect: nothing
 * events: MAP_READ MAP_WRITE MAP_ENTER MAP_EXIT
 * event: 1 MAP_WRITE map#1 tsearch
 * event: 1 MAP_ENTER map#1 tdestroy
 * event: 1 MAP_EXIT map#1 tdestroy
 * event: 1 MAP_WRITE map#2 tsearch
 * event: 1 MAP_READ map#2 tfind
 */
#include <search.h>
#include <string.h>

#include "program.h"

static char key[] = "key";
static void **variable;

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void free_variable(void *unused)
{
	(void)unused;
	free(variable);
}

static void begin_tree(void)
{
	variable = malloc(200);
	must(variable != NULL, "have memory");
	*variable = NULL;
	must(tsearch(key, variable, compare) != NULL, "enter the key");
}

int main(void)
{
	void **before;

	begin_tree();
	before = variable;
	tdestroy(*variable, free_variable);
	begin_tree();
	must(variable == before, "get the same memory");
	must(tfind(key, variable, compare) != NULL, "find the key");
	return 0;
}
