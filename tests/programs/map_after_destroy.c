/* SPDX-License-Identifier: MIT */
/*
 * A table is searched after it has been destroyed: glibc follows a null
 * pointer, and the program is one that survives that.
 *
 * expect: map-use-after-destroy
 */
#include <search.h>
#include <setjmp.h>
#include <signal.h>

#include "program.h"

static sigjmp_buf out;

static void jump(int signal)
{
	(void)signal;
	siglongjmp(out, 1);
}

int main(void)
{
	static struct hsearch_data table;
	static char name[] = "lunch";
	ENTRY item = { .key = name, .data = NULL };
	ENTRY *found;

	must(hcreate_r(10, &table), "make a table");
	must(hsearch_r(item, ENTER, &found, &table), "enter");
	hdestroy_r(&table);
	signal(SIGSEGV, jump);
	if (sigsetjmp(out, 1) == 0)
		hsearch_r(item, FIND, &found, &table);

	/* Another table in the same place is another one. */
	must(hcreate_r(10, &table), "make a table");
	must(hsearch_r(item, ENTER, &found, &table), "enter");
	hdestroy_r(&table);
	return 0;
}
