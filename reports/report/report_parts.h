/* SPDX-License-Identifier: MIT */
/*
 * The inside of a report, for report.c, which collects and sorts,
 * report_lists.c, which keeps the locks and maps that may be listed,
 * report_show.c, which names, and report_keys.c.  Others use report.h and
 * report_view.h.
 */
#ifndef REPORTS_REPORT_PARTS_H
#define REPORTS_REPORT_PARTS_H

#include "ledger.h"
#include "report/report_view.h"
#include "report/symbol_file.h"

struct named_finding {
	struct shown_finding shown;
	const char *key;    /* equal: the same mistake in the program */
	const char *detail; /* equal as well: nothing tells them apart */
};

/* The usage without what it points to. */
struct added_lock {
	struct lock_usage usage;
	struct duration_figures wait, hold;
	struct blame *blame; /* malloc's; or NULL */
};

/* Of locks, or maps, that are not listed; object is one of them. */
struct lock_sum {
	uint32_t object;
	uint64_t n, acquisitions, shared, contended, wait_ns;
};

struct map_sum {
	uint32_t object;
	uint64_t n, n_shared, reads, writes, overlaps;
};

/* Of one trace: report_lists.c. */
struct lists {
	bool *is_used; /* [info->n_objects]: listed, or in a sum */
	struct added_lock *locks;
	struct map_usage *maps;
	bool maps_are_sorted; /* by object */
	struct map_profile *profiles;
	size_t n_locks, n_maps, n_profiles;
	size_t room_locks, room_maps, room_profiles;

	struct ledger lock_sums; /* struct lock_sum */
	struct ledger map_sums;	 /* struct map_sum */
};

struct report {
	struct arena *mem;
	struct symbol_files *files;
	struct document doc;
	size_t most_listed; /* locks, and maps, of a trace */

	/* Of the trace between begin and end: */
	const struct trace_info *info;
	struct finding *added;
	size_t n_added, room_added;
	struct lists lists;
	struct replay_usage *added_replay; /* NULL: none */
	uint64_t n_gaps;		   /* beside info->n_gaps */

	/* Of all traces: */
	const struct shown_process **processes;
	struct shown_thread *threads;
	struct shown_lock *locks;
	struct shown_map *maps;
	struct shown_lock_sum *lock_sums;
	struct shown_map_sum *map_sums;
	struct named_finding *findings;
	struct shown_finding *sorted; /* by report_finish() */
	struct shown_replay *replays;
	size_t n_findings;
	size_t room_processes, room_threads, room_locks, room_maps;
	size_t room_findings, room_replays;
	size_t room_lock_sums, room_map_sums;
};

void lists_begin(struct report *report);
/* No more is added: what is too much is summed up. */
void lists_cut(struct report *report);
void lists_end(struct report *report);

/* Of a finding that is shown. */
void report_give_keys(struct report *report, struct named_finding *f);
/* Of one about a circle. */
void report_give_order(struct report *report, struct shown_finding *f);

#endif
