/* SPDX-License-Identifier: MIT */
/*
 * A report as renderers see it: text and numbers, sorted, complete.
 *
 *	struct report *report = report_new();
 *
 *	report_begin(report, info);	for each trace
 *	report_add_...(report, ...);
 *	report_end(report);		the trace may be closed now
 *
 *	report_finish(report);
 *	renderer->render(report_document(report), ...);
 *	report_free(report);
 *
 * The same traces in the same order make the same document.
 */
#ifndef REPORTS_REPORT_VIEW_H
#define REPORTS_REPORT_VIEW_H

#include "event.h"
#include "report/report.h"

struct shown_frame {
	const char *module;   /* path as recorded; NULL: in no known module */
	const char *build_id; /* in hexadecimal; NULL: none recorded */
	uint64_t offset;      /* of the call, as addr2line takes it; without a
				 module the address in memory */
	const char *function; /* NULL: unknown */
	const char *file;     /* NULL: unknown */
	uint32_t line;	      /* 0: unknown */
	bool inlined;	      /* into the frame that follows */
	bool is_program;      /* not of a system's library or header */
};

/* The innermost first.  No frames: the stack was not captured. */
struct shown_stack {
	const struct shown_frame *frames;
	size_t n_frames;
};

struct shown_process {
	const char *name; /* what it was started as */
	const char *program;
	const char *const *arguments;
	size_t n_arguments;
	uint32_t pid, parent_pid;
	enum cmshim_state state;
	uint64_t duration_ns;
	uint64_t n_events, n_lost, n_gaps;
	uint64_t lost[CMSHIM_N_LOSSES]; /* by enum cmshim_loss */
	size_t n_threads;
	bool truncated, damaged;
	const char *damage; /* in words; NULL: none */
	uint64_t damage_at;
	bool no_stacks;	 /* it was recorded without stacks */
	bool every_hold; /* hold times are of every hold, not of a sample */
	const struct shown_unnamed {
		const char *module;
		const char *why;
	} * unnamed; /* modules on shown stacks that gave no names */
	size_t n_unnamed;
};

struct shown_thread {
	const struct shown_process *process;
	uint32_t number;       /* 1 is the first thread */
	uint32_t kernel_id;    /* 0: unknown */
	uint32_t parent;       /* number; 0: unknown */
	const char *name;      /* NULL: none */
	const char *start;     /* start routine; NULL: unknown */
	bool start_is_program; /* and not a library's own */
	struct shown_stack created;
};

struct shown_object {
	const struct shown_process *process;
	const char *name;
	const char *site; /* the name without its " #2" */
	const char *kind; /* "mutex", ... */
	const char *api;  /* of a map: "GLib GHashTable"; NULL: unknown */
	uint32_t traits;  /* enum cmshim_kind, or-ed */
	struct shown_stack made; /* where it was made, or first seen */
};

struct shown_held {
	const struct shown_object *lock;
	bool shared;
	struct shown_stack stack; /* where it was taken */
};

struct shown_side {
	const char *role;
	const struct shown_thread *thread; /* NULL: unknown */
	const char *operation;		   /* function called; NULL: unknown */
	struct shown_stack stack;
	const struct shown_held *held;
	size_t n_held;
	bool held_unknown; /* held is empty, and says nothing */
	const struct shown_object *waits_for; /* NULL: nothing */
	uint64_t write_number;		      /* 0: none */
	bool has_time;
	uint64_t time_ns;
};

struct shown_last_order {
	const struct shown_object *object; /* NULL: the giver made the taker */
	bool is_lock;			   /* the object */
	const struct shown_thread *giver, *taker; /* NULL: unknown */
	struct shown_stack given; /* of a lock where it was taken */
	struct shown_stack taken;
	bool has_time;
	uint64_t time_ns;
};

/* On the way to a deadlock. */
struct shown_step {
	const struct shown_thread *thread; /* NULL: unknown */
	const struct shown_object *lock;
	bool is_request; /* and not an acquisition */
	bool shared;	 /* of an acquisition */
};

struct shown_finding {
	const struct shown_process *process;
	const struct rule *rule;
	enum level level;
	enum tier tier;
	const struct shown_object *object; /* NULL: none */
	uint64_t weight;
	uint64_t count;
	const char *message;
	const char *advice;			   /* NULL: none */
	const char *reproduce;			   /* NULL: not known */
	unsigned tags;				   /* enum finding_tag, or-ed */
	const struct shown_last_order *last_order; /* NULL: not known */
	/* What the rule's remedy would have gained, by replay, at best; parts
	   of 1. */
	bool has_gain;
	double sooner, less;
	const struct shown_side *sides;
	size_t n_sides;
	const struct shown_step *order; /* that ends in the deadlock */
	size_t n_order;			/* 0: it is about something else */
	const char *key; /* equal for the same mistake in other runs of
			    the program: 16 hexadecimal digits */
	const char *suppressed_by; /* NULL: it is not */
};

struct shown_blame {
	struct shown_stack waiter, holder;
	uint64_t wait_ns;
	uint64_t count;
};

struct shown_lock {
	const struct shown_object *object;
	uint64_t acquisitions, shared, contended;
	uint32_t n_threads;
	const struct duration_figures *wait; /* never NULL */
	const struct duration_figures *hold; /* never NULL */
	const struct shown_blame *blame;
	size_t n_blame;
};

struct shown_guard {
	const struct shown_object *lock;
	uint64_t n, n_shared; /* calls with it held; of them, shared */
};

struct shown_map {
	const struct shown_object *object;
	uint64_t reads, writes, overlaps;
	uint32_t n_threads;
	struct map_counts counts;
	struct map_size size;
	uint64_t n_shared;		  /* calls since a second thread came */
	const struct shown_guard *guards; /* most often held first */
	size_t n_guards;
	uint64_t n_keyed;	    /* calls with a key that is known */
	const struct map_key *keys; /* used most often first */
	size_t n_keys;
};

/* Locks, or maps, made at one place that are not listed one by one. */
struct shown_lock_sum {
	const struct shown_process *process;
	const char *site; /* as of each of them, but without variables */
	const char *kind;
	struct shown_stack made;
	uint64_t n, acquisitions, shared, contended, wait_ns;
};

struct shown_map_sum {
	const struct shown_process *process;
	const char *site;
	const char *api; /* NULL: unknown */
	struct shown_stack made;
	uint64_t n, n_shared; /* maps; of them, by threads or overlapping */
	uint64_t reads, writes, overlaps;
};

struct shown_replayed {
	const struct shown_object *object;
	const struct replayed_lock *lock;
};

struct shown_edge {
	const struct shown_thread *thread, *for_thread;
	const struct waiting_edge *edge;
};

/* Of one process. */
struct shown_replay {
	const struct shown_process *process;
	const struct replay_usage *usage;
	struct shown_replayed locks[REPLAYED_LOCKS];
	struct shown_edge edges[SHOWN_EDGES];
	size_t n_locks, n_edges;
};

struct document {
	const struct shown_process *const *processes;
	const struct shown_thread *threads;
	const struct shown_lock *locks;		/* longest waits first */
	const struct shown_map *maps;		/* most overlaps first, then
						   shared ones */
	const struct shown_lock_sum *lock_sums; /* of the other locks */
	const struct shown_map_sum *map_sums;	/* of the other maps */
	const struct shown_finding *findings;	/* worst first */
	const struct shown_replay *replays;
	const char *const *not_seen; /* what no recording of this kind shows */
	size_t n_processes, n_threads, n_locks, n_maps, n_findings;
	size_t n_lock_sums, n_map_sums;
	size_t n_not_seen, n_replays;
};

struct report *report_new(void);
void report_free(struct report *report);

/* Of each trace all locks and maps are listed, however many they are; else a
   thousand of each.  Before report_begin(). */
void report_list_all(struct report *report);

/* Lives as long as the report; for the analyses' state and texts. */
struct arena *report_arena(struct report *report);

/*
 * What is added from here on speaks in the numbers of this trace.  info stays
 * the caller's; it is to be complete when report_end() is called, which turns
 * the numbers into names.
 */
void report_begin(struct report *report, const struct trace_info *info);
void report_end(struct report *report);

void report_finish(struct report *report);

/* Marks the findings for which why() returns a text, which must live as long as
   the report.  After report_finish(). */
void report_suppress(struct report *report,
		     const char *(*why)(void *with,
					const struct shown_finding *f),
		     void *with);

/* Valid until report_free(); complete after report_finish(). */
const struct document *report_document(const struct report *report);

/* Findings as they were added, unsorted, in the trace's numbers. */
const struct finding *report_added(const struct report *report, size_t i);
size_t report_n_added(const struct report *report);

#endif
