/* SPDX-License-Identifier: MIT */
/*
 * How threads, places and stacks read where people see them.
 */
#ifndef REPORTS_SCREEN_H
#define REPORTS_SCREEN_H

#include "report/report_view.h"
#include "show/page.h"
#include "store.h"

struct screen {
	struct page page;
	struct arena *mem;
	bool full;
	bool has_many; /* processes: each line says of which */
};

/* "thread 3 'worker'"; of NULL "unknown thread". */
const char *screen_thread(const struct screen *s, const struct shown_thread *t);

/* Its name; of several processes with which one it is of. */
const char *screen_object(const struct screen *s,
			  const struct shown_object *object);

/* Where in the program a stack is: "cache_init (cache.c:41)". */
const char *screen_place(const struct screen *s,
			 const struct shown_stack *stack);

/*
 * One line a frame.  All of them if the screen is full, or if none is the
 * program's; else those of the program, up to six, with dots for what is left
 * out between and after them.
 */
void screen_stack(const struct screen *s, unsigned indent,
		  const struct shown_stack *stack);

#endif
