/* SPDX-License-Identifier: MIT */
/*
 * The report model: what the analyses add is kept in the trace's numbers until
 * report_end() (report_show.c) names it; report_finish() then merges equal
 * findings and sorts.  What is worse is decided by the analyses, in the
 * weights.
 */
#include "report/report_view.h"

#include <stdlib.h>
#include <string.h>

#include "report/rank.h"
#include "report/report_parts.h"
#include "store.h"

/* Of the locks of a trace, and of its maps. */
enum { MOST_LISTED = 1000 };

const char *level_name(enum level level)
{
	static const char *const names[] = { "advice", "note", "warning",
					     "error" };

	return names[level];
}

const char *tag_name(unsigned bit)
{
	static const char *const names[N_TAGS] = { "cv-only", "orphan",
						   "unseen-order", "pshared" };

	return names[bit];
}

const char *tier_name(enum tier tier)
{
	static const char *const names[] = { "observed", "overlap", "predicted",
					     "discipline" };

	return names[tier];
}

const char *whatif_name(enum whatif what)
{
	static const char *const names[N_WHATIFS] = {
		"none",	  "free",  "shard-2", "shard-4",   "shard-16",
		"rwlock", "split", "half",    "unblocked",
	};

	return names[what];
}

struct report *report_new(void)
{
	struct arena *mem = arena_new();
	struct report *report = arena_alloc(mem, sizeof(*report));

	report->mem = mem;
	report->files = symbol_files_new();
	report->most_listed = MOST_LISTED;
	return report;
}

void report_list_all(struct report *report)
{
	report->most_listed = SIZE_MAX;
}

void report_free(struct report *report)
{
	if (!report)
		return;
	store_free(report->added);
	lists_end(report);
	store_free(report->processes);
	store_free(report->threads);
	store_free(report->locks);
	store_free(report->maps);
	store_free(report->lock_sums);
	store_free(report->map_sums);
	store_free(report->findings);
	store_free(report->replays);
	symbol_files_free(report->files);
	arena_free(report->mem);
}

struct arena *report_arena(struct report *report)
{
	return report->mem;
}

static void *copy(struct report *report, const void *from, size_t bytes)
{
	void *to = arena_alloc(report->mem, bytes + 1);

	if (bytes)
		memcpy(to, from, bytes);
	return to;
}

void report_add_finding(struct report *out, const struct finding *f)
{
	struct finding own = *f;
	struct side *sides = copy(out, f->sides, f->n_sides * sizeof(*sides));

	for (size_t i = 0; i < f->n_sides; i++)
		sides[i].held = copy(out, sides[i].held,
				     sides[i].n_held * sizeof(*sides[i].held));
	own.sides = sides;
	if (f->last_order)
		own.last_order =
			copy(out, f->last_order, sizeof(*own.last_order));
	if (own.count == 0)
		own.count = 1;
	out->added =
		grow(out->added, &out->room_added, out->n_added, sizeof(own));
	out->added[out->n_added++] = own;
}

void report_add_gaps(struct report *out, uint64_t n)
{
	out->n_gaps += n;
}

void report_add_replay(struct report *out, const struct replay_usage *usage)
{
	struct replay_usage *own = copy(out, usage, sizeof(*usage));

	own->remarks = copy(out, usage->remarks,
			    usage->n_remarks * sizeof(*usage->remarks));
	out->added_replay = own;
}

const struct finding *report_added(const struct report *report, size_t i)
{
	return &report->added[i];
}

size_t report_n_added(const struct report *report)
{
	return report->n_added;
}

void report_begin(struct report *report, const struct trace_info *info)
{
	report->info = info;
	report->n_added = 0;
	report->added_replay = NULL;
	report->n_gaps = 0;
	lists_begin(report);
}

/* A clean report is not read as more than it is. */
static const char *const not_seen[] = {
	"look-ups in C++ maps, which compilers inline (find, count, [])",
	"maps that are only headers (Abseil, Boost, khash, uthash)",
	"atomic operations, and order that is made by them alone",
	"calls that a library makes to its own functions without a symbol",
	"statically linked and set-user-ID programs",
};

/* Objects of one process lie in one array, in the order of their numbers. */
static int compare_objects(const struct shown_object *a,
			   const struct shown_object *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	if (a->process != b->process)
		return a->process->pid < b->process->pid ? -1 : 1;
	return a < b ? -1 : a > b;
}

static int compare_worse(const struct named_finding *a,
			 const struct named_finding *b)
{
	const struct shown_finding *x = &a->shown, *y = &b->shown;

	if (x->level != y->level)
		return x->level > y->level ? -1 : 1;
	if (x->tier != y->tier)
		return x->tier < y->tier ? -1 : 1;
	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return 0;
}

static int compare_rest(const struct named_finding *a,
			const struct named_finding *b)
{
	int order = compare_objects(a->shown.object, b->shown.object);

	return order ? order : strcmp(a->detail, b->detail);
}

static int by_key(const void *a, const void *b)
{
	const struct named_finding *x = a, *y = b;
	int order = strcmp(x->key, y->key);

	if (order == 0)
		order = compare_worse(x, y);
	return order ? order : compare_rest(x, y);
}

static int by_rank(const void *a, const void *b)
{
	const struct named_finding *x = a, *y = b;
	int order = compare_worse(x, y);

	if (order == 0)
		order = strcmp(x->key, y->key);
	return order ? order : compare_rest(x, y);
}

static int by_wait(const void *a, const void *b)
{
	const struct shown_lock *x = a, *y = b;
	int order = rank_compare(
		rank_of_lock(x->wait->sum_ns, x->contended, x->acquisitions),
		rank_of_lock(y->wait->sum_ns, y->contended, y->acquisitions));

	return order ? order : compare_objects(x->object, y->object);
}

static int by_overlaps(const void *a, const void *b)
{
	const struct shown_map *x = a, *y = b;
	int order = rank_compare(rank_of_map(x->overlaps, x->n_threads > 1,
					     x->reads + x->writes),
				 rank_of_map(y->overlaps, y->n_threads > 1,
					     y->reads + y->writes));

	return order ? order : compare_objects(x->object, y->object);
}

static int compare_sites(const struct shown_process *p, const char *site,
			 const struct shown_process *q, const char *other)
{
	int order = strcmp(site, other);

	if (order == 0 && p != q)
		order = p->pid < q->pid ? -1 : 1;
	return order;
}

static int by_sum_of_waits(const void *a, const void *b)
{
	const struct shown_lock_sum *x = a, *y = b;
	int order = rank_compare(
		(struct rank){ { x->wait_ns, x->acquisitions, x->n } },
		(struct rank){ { y->wait_ns, y->acquisitions, y->n } });

	return order ? order
		     : compare_sites(x->process, x->site, y->process, y->site);
}

static int by_sum_of_calls(const void *a, const void *b)
{
	const struct shown_map_sum *x = a, *y = b;
	int order = rank_compare(
		(struct rank){ { x->overlaps, x->reads + x->writes, x->n } },
		(struct rank){ { y->overlaps, y->reads + y->writes, y->n } });

	return order ? order
		     : compare_sites(x->process, x->site, y->process, y->site);
}

static void sort(void *all, size_t n, size_t bytes,
		 int (*compare)(const void *, const void *))
{
	if (n)
		qsort(all, n, bytes, compare);
}

/*
 * Of equal findings the worst stays, with the counts of all.  What was
 * observed and measured is left apart: there each is news.
 */
static void merge_findings(struct report *report)
{
	struct named_finding *all = report->findings;
	size_t n = 0;

	sort(all, report->n_findings, sizeof(*all), by_key);
	for (size_t i = 0; i < report->n_findings; i++) {
		if (n && all[i].shown.tier != TIER_OBSERVED &&
		    strcmp(all[n - 1].key, all[i].key) == 0)
			all[n - 1].shown.count += all[i].shown.count;
		else
			all[n++] = all[i];
	}
	report->n_findings = n;
}

/* The surest tier first, of each mistake. */
static int by_mistake(const void *a, const void *b)
{
	const struct named_finding *x = a, *y = b;
	int order = strcmp(x->shown.rule->mistake, y->shown.rule->mistake);

	if (order == 0 && x->shown.process != y->shown.process)
		order = x->shown.process->pid < y->shown.process->pid ? -1 : 1;
	if (order == 0)
		order = strcmp(x->shown.object->site, y->shown.object->site);
	return order ? order : (int)x->shown.tier - (int)y->shown.tier;
}

static bool is_same_mistake(const struct named_finding *x,
			    const struct named_finding *y)
{
	return strcmp(x->shown.rule->mistake, y->shown.rule->mistake) == 0 &&
	       x->shown.process == y->shown.process &&
	       strcmp(x->shown.object->site, y->shown.object->site) == 0;
}

/* What surer evidence has shown is not said again. */
static void drop_less_sure(struct report *report)
{
	struct named_finding *all = report->findings;
	struct named_finding *some;
	const struct named_finding *surest = NULL;
	size_t n = 0, n_some = 0;

	some = arena_alloc(report->mem, report->n_findings * sizeof(*some) + 1);
	for (size_t i = 0; i < report->n_findings; i++) {
		const struct shown_finding *f = &all[i].shown;

		if (f->rule->mistake && f->object)
			some[n_some++] = all[i];
		else
			all[n++] = all[i];
	}
	sort(some, n_some, sizeof(*some), by_mistake);
	for (size_t i = 0; i < n_some; i++) {
		if (!surest || !is_same_mistake(surest, &some[i]))
			surest = &some[i];
		if (some[i].shown.tier == surest->shown.tier)
			all[n++] = some[i];
	}
	report->n_findings = n;
}

void report_finish(struct report *report)
{
	struct document *doc = &report->doc;
	struct shown_finding *sorted;

	merge_findings(report);
	drop_less_sure(report);
	sort(report->findings, report->n_findings, sizeof(*report->findings),
	     by_rank);
	sort(report->locks, doc->n_locks, sizeof(*report->locks), by_wait);
	sort(report->maps, doc->n_maps, sizeof(*report->maps), by_overlaps);
	sort(report->lock_sums, doc->n_lock_sums, sizeof(*report->lock_sums),
	     by_sum_of_waits);
	sort(report->map_sums, doc->n_map_sums, sizeof(*report->map_sums),
	     by_sum_of_calls);

	sorted = arena_alloc(report->mem,
			     report->n_findings * sizeof(*sorted) + 1);
	for (size_t i = 0; i < report->n_findings; i++)
		sorted[i] = report->findings[i].shown;

	doc->processes = report->processes;
	doc->threads = report->threads;
	doc->locks = report->locks;
	doc->maps = report->maps;
	doc->lock_sums = report->lock_sums;
	doc->map_sums = report->map_sums;
	report->sorted = sorted;
	doc->replays = report->replays;
	doc->findings = sorted;
	doc->n_findings = report->n_findings;
	doc->not_seen = not_seen;
	doc->n_not_seen = sizeof(not_seen) / sizeof(not_seen[0]);
}

void report_suppress(struct report *report,
		     const char *(*why)(void *with,
					const struct shown_finding *f),
		     void *with)
{
	for (size_t i = 0; i < report->n_findings; i++)
		report->sorted[i].suppressed_by = why(with, &report->sorted[i]);
}

const struct document *report_document(const struct report *report)
{
	return &report->doc;
}
