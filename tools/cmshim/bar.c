/* SPDX-License-Identifier: MIT */
/* See bar.h. */
#include "bar.h"

#include <stdio.h>

#include "text.h"

/* Less is over before anybody reads it. */
#define NOTICEABLE_S 2

/* It takes so long to know a rate. */
#define LEAST_S 0.2

void bar_begin(struct bar *bar)
{
	clock_gettime(CLOCK_MONOTONIC, &bar->begun);
	bar->what = NULL;
	bar->title[0] = '\0';
}

/* So far the rest has taken as long as what is done for its size. */
static uint64_t left_ns(double done, double ns)
{
	return done > 0 ? (uint64_t)(ns / done * (1 - done)) : 0;
}

static double since_ns(const struct timespec *begun)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - begun->tv_sec) * 1e9 +
	       (double)(now.tv_nsec - begun->tv_nsec);
}

void bar_show(struct bar *bar, const char *what, double done, uint64_t n_events)
{
	static const char marks[] = "##############################";
	int width = (int)(done * (int)(sizeof(marks) - 1));
	double ns;

	if (bar->what && bar->what != what)
		clock_gettime(CLOCK_MONOTONIC, &bar->begun);
	bar->what = what;
	ns = since_ns(&bar->begun);
	if (ns < (bar->is_shown ? LEAST_S : NOTICEABLE_S) * 1e9)
		return;
	if (!bar->is_shown && *bar->title)
		fprintf(stderr, "%s\n", bar->title);
	bar->is_shown = true;
	fprintf(stderr, "\r%s [%-*.*s] %3d %%, %s events/s, %s left\033[K",
		what, (int)sizeof(marks) - 1, width, marks, (int)(done * 100),
		text_count((uint64_t)((double)n_events * 1e9 / ns)).text,
		text_duration(left_ns(done, ns)).text);
}

void bar_clear(struct bar *bar)
{
	if (bar->is_shown)
		fputs(*bar->title ? "\r\033[K\033[A\033[K" : "\r\033[K",
		      stderr);
	bar->is_shown = false;
}
