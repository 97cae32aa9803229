/* SPDX-License-Identifier: MIT */
/*
 * Robust mutexes taken over from an owner that died (EOWNERDEAD).  Whoever
 * does is told, and is to repair what the mutex protects and to say so.
 */
#include <stdlib.h>

#include "analysis.h"
#include "locks/mistakes.h"

enum { OWNER_DIED };

static const struct rule rules[] = {
	[OWNER_DIED] = {
		.id = "lock-owner-died",
		.title = "A dead owner's mutex was not made consistent",
		.help = "A thread took a robust mutex whose owner had died "
			"with it, was told so (EOWNERDEAD), and released it, "
			"or held it to the end, without "
			"pthread_mutex_consistent(). Released so, the mutex "
			"can never be taken again (ENOTRECOVERABLE). What it "
			"can miss: owners in other processes are not shown. "
			"What it can get wrong: a program that wants the "
			"mutex to be unusable from then on. What to do: check "
			"the result of each lock call on a robust mutex; "
			"repair what it protects, then call "
			"pthread_mutex_consistent().",
		.level = LEVEL_WARNING,
		.unit = "count",
	},
	{ .id = NULL },
};

/* By object: who took it over and has not made it consistent. */
struct heir {
	uint32_t thread; /* 0: nobody */
	uint32_t stack, call;
	uint32_t dead, dead_stack; /* 0: unknown */
};

struct state {
	const struct trace_info *info;
	struct heir *heirs;
	size_t n_open; /* heirs with a thread */
	struct mistakes *mistakes;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.info = info,
		.heirs = arena_alloc(mem, info->n_objects * sizeof(*st->heirs)),
		.mistakes = mistakes_new(mem, info),
	};
	return st;
}

static void inherited(struct state *st, const struct event *ev,
		      const struct world *world)
{
	uint32_t dead = world->objects[ev->object].owner;
	const struct held *h =
		dead ? world_holds(world, dead, ev->object) : NULL;

	st->n_open += !st->heirs[ev->object].thread;
	st->heirs[ev->object] = (struct heir){
		.thread = ev->thread,
		.stack = ev->stack,
		.call = ev->call,
		.dead = h ? dead : 0,
		.dead_stack = h ? h->stack : 0,
	};
}

static void add(struct state *st, uint32_t object, const char *message,
		const struct world *world)
{
	const struct heir *heir = &st->heirs[object];
	struct side side = {
		.role = "took it over",
		.thread = heir->thread,
		.call = heir->call,
		.stack = heir->stack,
	};
	struct mistake *m = mistakes_add(st->mistakes, &rules[OWNER_DIED],
					 object, heir->stack, heir->dead_stack);

	if (!m)
		return;
	m->finding.message = message;
	m->finding.advice = "Check what it protects and call "
			    "pthread_mutex_consistent() before the release.";
	mistakes_side(st->mistakes, m, &side, world);
	if (heir->dead)
		m->sides[m->finding.n_sides++] = (struct side){
			.role = "had ended with it held",
			.thread = heir->dead,
			.stack = heir->dead_stack,
			.held_unknown = true,
		};
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;

	if (ev->op == CMSHIM_OP_ACQUIRE && ev->flags & CMSHIM_OWNER_DIED)
		inherited(st, ev, world);
	if (!st->n_open || !st->heirs[ev->object].thread)
		return;
	switch (ev->op) {
	case CMSHIM_OP_RELEASE:
		if (st->heirs[ev->object].thread == ev->thread)
			add(st, ev->object,
			    "It was released without being made consistent: "
			    "nobody can take it any more",
			    world);
		/* fall through */
	case CMSHIM_OP_CONSISTENT:
	case CMSHIM_OP_INIT:
	case CMSHIM_OP_DESTROY:
	case CMSHIM_OP_FREED:
		st->heirs[ev->object].thread = 0;
		st->n_open--;
		break;
	}
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	for (uint32_t i = 1; st->n_open && i < st->info->n_objects; i++)
		if (st->heirs[i].thread)
			add(st, i,
			    "It was not made consistent, and still held when "
			    "the trace ended",
			    world);
	mistakes_report(st->mistakes, out);
	mistakes_free(st->mistakes);
}

const struct analysis analysis_robust = {
	.name = "robust",
	.help = "robust mutexes whose owner died",
	.rules = rules,
	.wants = ANALYSIS_OP(CMSHIM_OP_ACQUIRE) |
		 ANALYSIS_OP(CMSHIM_OP_RELEASE) |
		 ANALYSIS_OP(CMSHIM_OP_CONSISTENT) |
		 ANALYSIS_OP(CMSHIM_OP_INIT) | ANALYSIS_OP(CMSHIM_OP_DESTROY) |
		 ANALYSIS_OP(CMSHIM_OP_FREED),
	.begin = begin,
	.event = event,
	.finish = finish,
};
