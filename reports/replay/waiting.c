/* SPDX-License-Identifier: MIT */
/* See waiting.h.  Each thread remembers its last waits, and no more. */
#include "replay/waiting.h"

#include <stdlib.h>

enum { REMEMBERED = 8, CASCADE = 4 };

struct interval {
	double since_ns, until_ns;
	uint32_t for_thread;
};

struct waiter {
	struct interval last[REMEMBERED];
	uint32_t n; /* all there were; the last is at (n - 1) % REMEMBERED */
	uint32_t group;
};

struct waiting {
	struct replay_groups *out;
	struct waiter *of; /* by thread */
};

static double max_of(double a, double b)
{
	return a > b ? a : b;
}

static double min_of(double a, double b)
{
	return a < b ? a : b;
}

/* Without a start routine, which only the first thread has not, or which was
   not seen, a thread is like no other. */
static bool are_alike(const struct thread_info *a, const struct thread_info *b)
{
	return a->start_routine && a->start_routine == b->start_routine;
}

/* All that are too many share the last group. */
static uint32_t group_of(struct waiting *w, const struct trace_info *info,
			 uint32_t thread)
{
	struct replay_groups *g = w->out;

	for (uint32_t i = 0; i < g->n; i++)
		if (are_alike(&info->threads[g->of_thread[i]],
			      &info->threads[thread]))
			return i;
	if (g->n == REPLAY_GROUPS)
		return REPLAY_GROUPS - 1;
	g->of_thread[g->n] = thread;
	return g->n++;
}

struct waiting *waiting_new(const struct trace_info *info,
			    struct replay_groups *out)
{
	struct waiting *w = zeroed(1, sizeof(*w));

	w->out = out;
	w->of = zeroed(info->n_threads, sizeof(*w->of));
	for (uint32_t i = 1; i < info->n_threads; i++) {
		w->of[i].group = group_of(w, info, i);
		out->n_threads[w->of[i].group]++;
	}
	return w;
}

void waiting_free(struct waiting *w)
{
	store_free(w->of);
	store_free(w);
}

static void share_out(struct waiting *w, uint32_t group, uint32_t for_thread,
		      double since_ns, double until_ns, unsigned depth)
{
	const struct waiter *other = &w->of[for_thread];
	double rest_ns = until_ns - since_ns;

	for (uint32_t i = 0; depth && i < REMEMBERED && i < other->n; i++) {
		const struct interval *in = &other->last[i];
		double from = max_of(in->since_ns, since_ns);
		double to = min_of(in->until_ns, until_ns);

		if (from >= to)
			continue;
		rest_ns -= to - from;
		share_out(w, group, in->for_thread, from, to, depth - 1);
	}
	if (rest_ns > 0)
		w->out->wait_ns[group][other->group] += rest_ns;
}

void waiting_add(struct waiting *w, uint32_t thread, uint32_t for_thread,
		 double since_ns, double until_ns)
{
	struct waiter *t = &w->of[thread];

	share_out(w, t->group, for_thread, since_ns, until_ns, CASCADE);
	t->last[t->n++ % REMEMBERED] = (struct interval){
		.since_ns = since_ns,
		.until_ns = until_ns,
		.for_thread = for_thread,
	};
}

/* Groups that each group waits for, at first or second hand. */
static void reach(const struct replay_groups *g, double least_ns, uint32_t *of)
{
	for (uint32_t i = 0; i < g->n; i++)
		for (uint32_t j = 0; j < g->n; j++)
			if (g->wait_ns[i][j] > least_ns)
				of[i] |= 1u << j;
	for (uint32_t k = 0; k < g->n; k++)
		for (uint32_t i = 0; i < g->n; i++)
			if (of[i] >> k & 1)
				of[i] |= of[k];
}

uint32_t waiting_knots(const struct replay_groups *g)
{
	uint32_t of[REPLAY_GROUPS] = { 0 }, waited_for = 0, knots = 0;
	double sum_ns = 0;

	for (uint32_t i = 0; i < g->n; i++)
		for (uint32_t j = 0; j < g->n; j++)
			sum_ns += g->wait_ns[i][j];
	reach(g, sum_ns / 100, of);
	for (uint32_t i = 0; i < g->n; i++)
		waited_for |= of[i];
	for (uint32_t i = 0; i < g->n; i++) {
		bool comes_back = true;

		for (uint32_t j = 0; j < g->n; j++)
			if (of[i] >> j & 1 && !(of[j] >> i & 1))
				comes_back = false;
		if (comes_back && (of[i] | waited_for) >> i & 1)
			knots |= 1u << i;
	}
	return knots;
}
