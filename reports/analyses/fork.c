/* SPDX-License-Identifier: MIT */
/*
 * Forked children that wait for a lock which a thread of their parent held.
 *
 * Only the thread that called fork() goes on in the child; the others are
 * gone, and the locks they held stay taken in its copy of the memory.  The
 * child's own trace says so: its first thread found a lock taken that nobody
 * in the child has ever had, and waits for it for ever.
 *
 * The parent's trace shows who held locks about the time of the fork.  That
 * the child touched none of them, or became another program, is the rule and
 * no mistake, so nothing is said of it.
 */
#include <errno.h>
#include <stdlib.h>

#include "analysis.h"
#include "locks/mistakes.h"
#include "world/kin.h"

enum { HELD };

static const struct rule rules[] = {
	[HELD] = {
		.id = "fork-lock-held",
		.title = "A forked child waits for a lock of its parent's",
		.help = "Another thread held the lock when the process forked. "
			"In the child that thread is not there: the lock "
			"stays taken. The child's only thread waited for it "
			"when the trace ended, and would have for ever; if it "
			"waited until a time limit, it is a warning. What it "
			"can miss: locks that libraries take for themselves, "
			"malloc's above all; children that were not traced; "
			"tries. What it can get wrong: a lock that the child's "
			"thread held itself when it forked, which is as "
			"stuck, but shown under this name. What to do: call "
			"only what is safe in a signal handler between fork "
			"and exec; or take the lock before the fork and "
			"release it on both sides (pthread_atfork).",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	{ .id = NULL },
};

struct request {
	uint32_t call;
	bool is_timed, is_torn;
};

struct state {
	const struct trace_info *info;
	struct request *requests; /* by thread */
	uint32_t first;		  /* the child's first thread; 0: not seen */
	struct mistakes *mistakes;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.info = info,
		.requests = arena_alloc(mem, info->n_threads *
						     sizeof(*st->requests)),
		.mistakes = mistakes_new(mem, info),
	};
	for (uint32_t i = 1; i < info->n_threads; i++)
		if (info->threads[i].number == 1)
			st->first = i;
	return st;
}

/* Whether only a thread of the parent's can have the lock. */
static bool is_parents(const struct state *st, const struct world *world,
		       uint32_t object)
{
	const struct world_object *o = &world->objects[object];
	const struct object_info *info = &st->info->objects[object];

	return object && kin_is_lock(st->info, object) && !o->was_held &&
	       !o->uncertain &&
	       !(info->kind & (CMSHIM_PROCESS_SHARED | CMSHIM_SEEN_INIT));
}

static void add(struct state *st, const struct world *world, uint32_t object,
		enum level level, const char *message)
{
	const struct world_thread *t = &world->threads[st->first];
	struct side side = {
		.role = "waits, in the child",
		.thread = st->first,
		.call = st->requests[st->first].call,
		.stack = t->wait_stack,
		.waits_for = object,
		.has_time = true,
		.time_ns = t->waits_since_ns,
	};
	struct mistake *m = mistakes_add(st->mistakes, &rules[HELD], object,
					 t->wait_stack, 0);

	if (!m)
		return;
	m->finding.level = level;
	m->finding.message = message;
	m->finding.advice = "Do not take it between fork and exec, or have it "
			    "released in the child with pthread_atfork().";
	mistakes_side(st->mistakes, m, &side, world);
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;
	struct request *r = &st->requests[ev->thread];

	if (!(st->info->header->flags & CMSHIM_FORKED))
		return;
	switch (ev->op) {
	case CMSHIM_OP_REQUEST:
	case CMSHIM_OP_REQUEST_SHARED:
		r->call = ev->call;
		r->is_timed = ev->flags & CMSHIM_TIMED;
		break;
	case CMSHIM_OP_REQUEST_FAILED:
		if (ev->code == ETIMEDOUT && ev->thread == st->first &&
		    world->threads[ev->thread].waits_for == ev->object &&
		    is_parents(st, world, ev->object))
			add(st, world, ev->object, LEVEL_WARNING,
			    "A thread of the parent's held it when the "
			    "process forked; the child waited until its time "
			    "was over");
		break;
	case CMSHIM_OP_DROP:
		r->is_torn = true;
		break;
	}
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;
	const struct cmshim_header *header = st->info->header;
	const struct request *r = &st->requests[st->first];
	uint32_t object = world->threads[st->first].waits_for;

	if (header->flags & CMSHIM_FORKED && header->state != CMSHIM_STOPPED &&
	    !r->is_torn && !r->is_timed && is_parents(st, world, object))
		add(st, world, object, LEVEL_ERROR,
		    "A thread of the parent's held it when the process "
		    "forked; in the child nobody can release it");
	mistakes_report(st->mistakes, out);
	mistakes_free(st->mistakes);
}

const struct analysis analysis_fork = {
	.name = "fork",
	.help = "locks that a forked child finds taken",
	.rules = rules,
	.wants = ANALYSIS_OP(CMSHIM_OP_REQUEST) |
		 ANALYSIS_OP(CMSHIM_OP_REQUEST_SHARED) |
		 ANALYSIS_OP(CMSHIM_OP_REQUEST_FAILED) |
		 ANALYSIS_OP(CMSHIM_OP_DROP),
	.begin = begin,
	.event = event,
	.finish = finish,
};
