/* SPDX-License-Identifier: MIT */
/*
 * The inside of a report, for report.c, which collects and sorts,
 * report_show.c, which names, and report_keys.c.  Others use report.h and
 * report_view.h.
 */
#ifndef REPORTS_REPORT_PARTS_H
#define REPORTS_REPORT_PARTS_H

#include "report_view.h"
#include "symbol_file.h"

struct named_finding {
	struct shown_finding shown;
	const char *key;    /* equal: the same mistake in the program */
	const char *detail; /* equal as well: nothing tells them apart */
};

struct report {
	struct arena *mem;
	struct symbol_files *files;
	struct document doc;

	/* Of the trace between begin and end: */
	const struct trace_info *info;
	struct finding *added;
	struct lock_usage *added_locks;
	struct map_usage *added_maps;
	size_t n_added, room_added;
	size_t n_added_locks, room_added_locks;
	size_t n_added_maps, room_added_maps;
	struct map_profile *added_profiles;
	size_t n_added_profiles, room_added_profiles;
	struct replay_usage *added_replay; /* NULL: none */

	/* Of all traces: */
	const struct shown_process **processes;
	struct shown_thread *threads;
	struct shown_lock *locks;
	struct shown_map *maps;
	struct named_finding *findings;
	struct shown_finding *sorted; /* by report_finish() */
	struct shown_replay *replays;
	size_t n_findings;
	size_t room_processes, room_threads, room_locks, room_maps;
	size_t room_findings, room_replays;
};

/* Of a finding that is shown. */
void report_give_keys(struct report *report, struct named_finding *f);

#endif
