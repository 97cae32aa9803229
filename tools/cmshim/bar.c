/* SPDX-License-Identifier: MIT */
/* See bar.h. */
#include "bar.h"

#include <stdio.h>

#include "text.h"

/* Less is over before anybody reads it. */
#define NOTICEABLE_S 2

void bar_begin(struct bar *bar)
{
	clock_gettime(CLOCK_MONOTONIC, &bar->begun);
}

/* So far the rest has taken as long as what is done for its size. */
static uint64_t left_ns(double done, double ns)
{
	return done > 0 ? (uint64_t)(ns / done * (1 - done)) : 0;
}

void bar_show(struct bar *bar, double done, uint64_t n_events)
{
	static const char marks[] = "##############################";
	struct timespec now;
	int width = (int)(done * (int)(sizeof(marks) - 1));
	double ns;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ns = (double)(now.tv_sec - bar->begun.tv_sec) * 1e9 +
	     (double)(now.tv_nsec - bar->begun.tv_nsec);
	if (!bar->is_shown && ns < NOTICEABLE_S * 1e9)
		return;
	bar->is_shown = true;
	fprintf(stderr, "\rreading [%-*.*s] %3d %%, %s events/s, %s left\033[K",
		(int)sizeof(marks) - 1, width, marks, (int)(done * 100),
		text_count((uint64_t)((double)n_events * 1e9 / ns)).text,
		text_duration(left_ns(done, ns)).text);
}

void bar_clear(struct bar *bar)
{
	if (bar->is_shown)
		fputs("\r\033[K", stderr);
	bar->is_shown = false;
}
