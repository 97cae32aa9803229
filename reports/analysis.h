/* SPDX-License-Identifier: MIT */
/*
 * An analysis: one pass over the event stream that ends in findings.
 *
 * To add one, add a file reports/analyses/<name>.c that defines
 *
 *	const struct analysis analysis_<name> = { ... };
 *
 * and its test, tests/unit/test_<name>.c.  The build makes the list of
 * analyses from the directory; nothing else names them.
 *
 * All analyses see the same stream in the same single traversal.  They do
 * not see one another, the trace file, or the output format.
 */
#ifndef REPORTS_ANALYSIS_H
#define REPORTS_ANALYSIS_H

#include "event.h"
#include "report/report.h"
#include "store.h"
#include "world/world.h"

/* An op as a bit of analysis.wants. */
#define ANALYSIS_OP(op) EVENT_BIT(op)

/* A class of objects as a bit of analysis.about. */
#define ANALYSIS_CLASS(class) (1u << (class))

#define ANALYSIS_ACQUIRES \
	(ANALYSIS_OP(CMSHIM_OP_ACQUIRE) | ANALYSIS_OP(CMSHIM_OP_ACQUIRE_SHARED))

#define ANALYSIS_RELEASES \
	(ANALYSIS_OP(CMSHIM_OP_RELEASE) | ANALYSIS_OP(CMSHIM_OP_RELEASE_SHARED))

/* All that is done to locks, tries and failures included. */
#define ANALYSIS_LOCK_OPS                        \
	(ANALYSIS_ACQUIRES | ANALYSIS_RELEASES | \
	 ANALYSIS_OP(CMSHIM_OP_RELEASE_FAILED) | \
	 ANALYSIS_OP(CMSHIM_OP_REQUEST) |        \
	 ANALYSIS_OP(CMSHIM_OP_REQUEST_SHARED) | \
	 ANALYSIS_OP(CMSHIM_OP_REQUEST_FAILED))

/* What the reader makes. */
#define ANALYSIS_MADE (ANALYSIS_OP(EVENT_GAP) | ANALYSIS_OP(EVENT_THREAD_END))

/* Of a map call: what tells what it did, see mapcall.h. */
#define ANALYSIS_MAP_ENDED                                                    \
	(ANALYSIS_OP(CMSHIM_OP_MAP_READ) | ANALYSIS_OP(CMSHIM_OP_MAP_WRITE) | \
	 ANALYSIS_OP(CMSHIM_OP_MAP_NEXT) | ANALYSIS_OP(CMSHIM_OP_MAP_EXIT))

/* Map calls, from entry to exit, and what may be missing of them. */
#define ANALYSIS_MAP_CALLS                                               \
	(ANALYSIS_MAP_ENDED | ANALYSIS_OP(CMSHIM_OP_MAP_ENTER) |         \
	 ANALYSIS_OP(CMSHIM_OP_MAP_FREE) | ANALYSIS_OP(CMSHIM_OP_DROP) | \
	 ANALYSIS_MADE)

/*
 * Analyses of one group see one world; groups may be read by threads of their
 * own.  How much they have to do is about the same.
 */
enum analysis_group {
	ANALYSIS_COMMON,
	ANALYSIS_ORDERED, /* whose world knows order */
	N_ANALYSIS_GROUPS,
};

/* So many events before: less and memory is too slow, more and what was
   fetched is driven out again. */
enum { ANALYSIS_SOON = 8 };

struct reorder;

/* What an analysis asks about other orders of the events: see second.h. */
struct second_time {
	/* After the last event, before finish(): has it any questions? */
	bool (*wants)(void *state, const struct world *world);

	/* Of each event, in order, before it is applied: it may be put among
	   those asked for. */
	void (*event)(void *state, const struct event *ev, struct reorder *r);

	/* At the end of a window; returns whether there are questions left. */
	bool (*ask)(void *state, struct reorder *r);

	/* Some were, but it would have taken too long. */
	void (*gave_up)(void *state);
};

/* A function that is told of an event. */
typedef void analysis_event(void *state, const struct event *ev,
			    const struct world *world);

struct hearing {
	uint64_t ops; /* ANALYSIS_OP() of each */
	analysis_event *event;
};

struct analysis {
	const char *name; /* as in every output */
	const char *help; /* one line, for --help */

	const struct rule *rules; /* what it may report; ends with id NULL */

	/* ANALYSIS_OP() of each that event() looks at; What most events do
	   not concern costs them nothing. */
	uint64_t wants;
	uint64_t wakes; /* ANALYSIS_OP() of each that may matter as the first:
			   before, it is told of nothing.  0: it is awake */
	enum analysis_group group;
	bool stamps;	 /* and whatever has a stamp.  Neither: all */
	uint32_t about;	 /* ANALYSIS_CLASS() of what it is about: of a trace
			    without, it is not even begun.  0: of all */
	bool lists_maps; /* finished first: of maps that are not listed the
			    report keeps nothing */

	/* Returns the pass's own state, handed to the other two. */
	void *(*begin)(struct arena *mem, const struct trace_info *info);

	/*
	 * Called once per event that it wants, in order.  The world is as it
	 * was just before the event.
	 */
	analysis_event *event;

	/*
	 * Or NULL.  Of what comes most often: a function for each kind, that
	 * need not ask again what the event is; event() is then for the others.
	 * Ends with ops 0.
	 */
	const struct hearing *hears;

	/*
	 * Or NULL.  Of an event that comes ANALYSIS_SOON events later: asks
	 * for the memory that event() will look at, see fetch.h, and does
	 * nothing else.  Not of every event.
	 */
	void (*soon)(const void *state, const struct event *ev);

	const struct second_time *again; /* or NULL */

	/*
	 * Called after the last event, with the world as it is then.  Adds
	 * what was found to out.  What begin() and event() took from malloc
	 * is freed here.
	 */
	void (*finish)(void *state, const struct world *world,
		       struct report *out);
};

static inline bool analysis_is_among(uint64_t ops, unsigned op)
{
	bool is_op =
		op < CMSHIM_N_OPS || op == EVENT_GAP || op == EVENT_THREAD_END;

	return is_op && ops & ANALYSIS_OP(op);
}

/* Which function is told of such an event; NULL: none. */
static inline analysis_event *analysis_hearer(const struct analysis *a,
					      unsigned op, bool has_time)
{
	const struct hearing *h = a->hears;

	if ((a->wants || a->stamps) && !(has_time && a->stamps) &&
	    !analysis_is_among(a->wants, op))
		return NULL;
	while (h && h->ops && !analysis_is_among(h->ops, op))
		h++;
	return h && h->ops ? h->event : a->event;
}

static inline bool analysis_is_woken(const struct analysis *a, unsigned op)
{
	return analysis_is_among(a->wakes, op);
}

/* All of them; ends with NULL. */
extern const struct analysis *const analyses[];

#endif
