/* SPDX-License-Identifier: MIT */
/*
 * From the numbers of one trace to the names of a document: report_end().
 * Only stacks that are shown are looked up, which is most of a report's time.
 */
#include "report/report_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/names.h"
#include "report/symbols.h"
#include "store.h"
#include "text.h"
#include "world/kin.h"

static void show_arguments(struct report *report, struct shown_process *out)
{
	const struct cmshim_header *header = report->info->header;
	const char *at = header->arguments;
	const char *end = at + sizeof(header->arguments);
	/* Each takes two bytes at least: itself and its NUL. */
	const char **all = arena_alloc(report->mem, sizeof(header->arguments) /
							    2 * sizeof(*all));
	size_t n = 0;

	while (at < end && *at) {
		size_t length = strnlen(at, (size_t)(end - at));
		char *text = arena_printf(report->mem, "%.*s", (int)length, at);

		all[n++] = text_clean(report->mem, text);
		at += length + 1;
	}
	out->arguments = all;
	out->n_arguments = n;
}

static const char *name_of(struct report *report, const char *program)
{
	const struct cmshim_header *header = report->info->header;
	const char *slash = strrchr(program, '/');

	if (!*header->name)
		return slash ? slash + 1 : program;
	return text_clean(report->mem,
			  arena_printf(report->mem, "%s", header->name));
}

static struct shown_process *show_process(struct report *report)
{
	const struct trace_info *info = report->info;
	const struct cmshim_header *header = info->header;
	struct shown_process *out = arena_alloc(report->mem, sizeof(*out));

	*out = (struct shown_process){
		.program = text_clean(report->mem,
				      arena_printf(report->mem, "%.*s",
						   (int)sizeof(header->program),
						   header->program)),
		.pid = header->pid,
		.parent_pid = header->parent_pid,
		.state = header->state,
		.duration_ns = info->duration_ns,
		.n_events = info->n_events,
		.n_lost = info->n_lost,
		.n_gaps = info->n_gaps + report->n_gaps,
		.n_threads = info->n_threads ? info->n_threads - 1 : 0,
		.truncated = info->truncated,
		.damaged = info->damaged,
		.damage = info->damage ? arena_strdup(report->mem, info->damage)
				       : NULL,
		.damage_at = info->damage_at,
		.no_stacks = header->flags & CMSHIM_NO_STACKS,
		.every_hold = header->flags & CMSHIM_ALL_STAMPS,
	};
	out->name = name_of(report, out->program);
	memcpy(out->lost, header->lost, sizeof(out->lost));
	show_arguments(report, out);
	return out;
}

static void use_replayed(const struct report *report, struct names *names)
{
	const struct replay_usage *u = report->added_replay;

	for (size_t i = 0; u && i < u->n_locks; i++)
		names_use(names, u->locks[i].object);
}

static void use_objects(const struct report *report, struct names *names)
{
	const struct lists *l = &report->lists;

	for (uint32_t i = 1; i < report->info->n_objects; i++)
		if (l->is_used[i])
			names_count(names, i);
	for (size_t i = 0; i < l->n_locks; i++)
		names_use(names, l->locks[i].usage.object);
	for (size_t i = 0; i < l->n_maps; i++)
		names_use(names, l->maps[i].object);
	for (size_t i = 0; i < l->n_profiles; i++) {
		const struct map_profile *p = &l->profiles[i];

		for (size_t j = 0; j < p->n_guards; j++)
			names_use(names, p->guards[j].lock);
	}
	for (size_t i = 0; i < report->n_added; i++) {
		const struct finding *f = &report->added[i];

		names_use(names, f->object);
		if (f->last_order)
			names_use(names, f->last_order->object);
		for (size_t j = 0; j < f->n_sides; j++) {
			const struct side *side = &f->sides[j];

			names_use(names, side->waits_for);
			for (size_t k = 0; k < side->n_held; k++)
				names_use(names, side->held[k].object);
		}
	}
}

/* What naming a trace takes; made anew for each. */
struct naming {
	struct report *report;
	struct symbols *symbols;
	struct names *names;
	const struct shown_process *process;
	const struct shown_thread *threads; /* thread n at n - 1 */
};

static const struct shown_thread *show_thread(const struct naming *naming,
					      uint32_t thread)
{
	return thread && thread < naming->report->info->n_threads
		       ? &naming->threads[thread - 1]
		       : NULL;
}

static struct shown_side show_side(const struct naming *naming,
				   const struct side *side)
{
	const struct trace_info *info = naming->report->info;
	struct shown_held *held = arena_alloc(naming->report->mem,
					      side->n_held * sizeof(*held) + 1);
	size_t n_held = 0;

	for (size_t i = 0; i < side->n_held; i++) {
		const struct side_lock *lock = &side->held[i];
		const struct shown_object *object =
			names_object(naming->names, lock->object);

		if (object)
			held[n_held++] = (struct shown_held){
				.lock = object,
				.shared = lock->shared,
				.stack = symbols_stack(naming->symbols,
						       lock->stack),
			};
	}
	return (struct shown_side){
		.role = side->role,
		.thread = show_thread(naming, side->thread),
		.operation =
			side->call && side->call < info->n_calls
				? arena_strdup(naming->report->mem,
					       info->calls[side->call].name)
				: NULL,
		.stack = symbols_stack(naming->symbols, side->stack),
		.held = held,
		.n_held = n_held,
		.held_unknown = side->held_unknown,
		.waits_for = names_object(naming->names, side->waits_for),
		.write_number = side->write_number,
		.has_time = side->has_time,
		.time_ns = side->time_ns,
	};
}

static const struct shown_last_order *
show_last_order(const struct naming *naming, const struct last_order *o)
{
	const struct trace_info *info = naming->report->info;
	struct shown_last_order *out;

	if (!o)
		return NULL;
	out = arena_alloc(naming->report->mem, sizeof(*out));
	*out = (struct shown_last_order){
		.object = names_object(naming->names, o->object),
		.is_lock = kin_is_lock(info, o->object),
		.giver = show_thread(naming, o->giver),
		.taker = show_thread(naming, o->taker),
		.given = symbols_stack(naming->symbols, o->given_stack),
		.taken = symbols_stack(naming->symbols, o->taken_stack),
		.has_time = o->has_time,
		.time_ns = o->time_ns,
	};
	return out;
}

/* What the replay says of the rule's remedy. */
static void show_gain(const struct replay_usage *u, const struct finding *f,
		      struct shown_finding *out)
{
	enum whatif what = f->rule->remedy;

	for (size_t i = 0; u && what && i < u->n_locks; i++) {
		const struct replayed_lock *l = &u->locks[i];

		if (l->object != f->object || !l->is_known[what])
			continue;
		out->has_gain = true;
		out->sooner = l->sooner[what];
		out->less = l->less[what];
	}
}

static void show_finding(const struct naming *naming, const struct finding *f)
{
	struct report *report = naming->report;
	struct shown_side *sides =
		arena_alloc(report->mem, f->n_sides * sizeof(*sides) + 1);
	struct named_finding *out;

	for (size_t i = 0; i < f->n_sides; i++)
		sides[i] = show_side(naming, &f->sides[i]);

	report->findings = grow(report->findings, &report->room_findings,
				report->n_findings, sizeof(*out));
	out = &report->findings[report->n_findings++];
	out->shown = (struct shown_finding){
		.process = naming->process,
		.rule = f->rule,
		.level = f->level,
		.tier = f->tier,
		.object = names_object(naming->names, f->object),
		.weight = f->weight,
		.count = f->count,
		.message = f->message ? f->message : f->rule->title,
		.advice = f->advice,
		.reproduce = f->reproduce,
		.tags = f->tags,
		.last_order = show_last_order(naming, f->last_order),
		.sides = sides,
		.n_sides = f->n_sides,
	};
	if (f->is_circle)
		report_give_order(report, &out->shown);
	show_gain(report->added_replay, f, &out->shown);
	report_give_keys(report, out);
}

static void show_lock(const struct naming *naming, const struct added_lock *l)
{
	struct report *report = naming->report;
	struct document *doc = &report->doc;
	const struct lock_usage *u = &l->usage;
	struct shown_blame *blame =
		arena_alloc(report->mem, u->n_blame * sizeof(*blame) + 1);
	struct duration_figures *figures =
		arena_alloc(report->mem, 2 * sizeof(*figures));

	figures[0] = l->wait;
	figures[1] = l->hold;
	for (size_t i = 0; i < u->n_blame; i++)
		blame[i] = (struct shown_blame){
			.waiter = symbols_stack(naming->symbols,
						l->blame[i].waiter_stack),
			.holder = symbols_stack(naming->symbols,
						l->blame[i].holder_stack),
			.wait_ns = l->blame[i].wait_ns,
			.count = l->blame[i].count,
		};
	report->locks = grow(report->locks, &report->room_locks, doc->n_locks,
			     sizeof(*report->locks));
	report->locks[doc->n_locks++] = (struct shown_lock){
		.object = names_object(naming->names, u->object),
		.acquisitions = u->acquisitions,
		.shared = u->shared,
		.contended = u->contended,
		.n_threads = u->n_threads,
		.wait = &figures[0],
		.hold = &figures[1],
		.blame = blame,
		.n_blame = u->n_blame,
	};
}

static void show_lock_sum(const struct naming *naming, const struct lock_sum *s)
{
	struct report *report = naming->report;
	struct document *doc = &report->doc;
	struct shown_object place = names_place(naming->names, s->object);

	report->lock_sums = grow(report->lock_sums, &report->room_lock_sums,
				 doc->n_lock_sums, sizeof(*report->lock_sums));
	report->lock_sums[doc->n_lock_sums++] = (struct shown_lock_sum){
		.process = naming->process,
		.site = place.site,
		.kind = place.kind,
		.made = place.made,
		.n = s->n,
		.acquisitions = s->acquisitions,
		.shared = s->shared,
		.contended = s->contended,
		.wait_ns = s->wait_ns,
	};
}

static void show_map_sum(const struct naming *naming, const struct map_sum *s)
{
	struct report *report = naming->report;
	struct document *doc = &report->doc;
	struct shown_object place = names_place(naming->names, s->object);

	report->map_sums = grow(report->map_sums, &report->room_map_sums,
				doc->n_map_sums, sizeof(*report->map_sums));
	report->map_sums[doc->n_map_sums++] = (struct shown_map_sum){
		.process = naming->process,
		.site = place.site,
		.api = place.api,
		.made = place.made,
		.n = s->n,
		.n_shared = s->n_shared,
		.reads = s->reads,
		.writes = s->writes,
		.overlaps = s->overlaps,
	};
}

static const struct shown_guard *
show_guards(const struct naming *naming, const struct map_profile *p, size_t *n)
{
	struct shown_guard *out = arena_alloc(naming->report->mem,
					      p->n_guards * sizeof(*out) + 1);

	*n = 0;
	for (size_t i = 0; i < p->n_guards; i++) {
		const struct map_guard *g = &p->guards[i];
		const struct shown_object *lock =
			names_object(naming->names, g->lock);

		if (lock)
			out[(*n)++] = (struct shown_guard){
				.lock = lock,
				.n = g->n,
				.n_shared = g->n_shared,
			};
	}
	return out;
}

static void show_map(const struct naming *naming, const struct map_usage *u,
		     const struct map_profile *p)
{
	struct report *report = naming->report;
	struct document *doc = &report->doc;
	struct shown_map *out;

	report->maps = grow(report->maps, &report->room_maps, doc->n_maps,
			    sizeof(*report->maps));
	out = &report->maps[doc->n_maps++];
	*out = (struct shown_map){
		.object = names_object(naming->names, u->object),
		.reads = u->reads,
		.writes = u->writes,
		.overlaps = u->overlaps,
		.n_threads = u->n_threads,
	};
	if (!p)
		return;
	out->counts = p->counts;
	out->size = p->size;
	out->n_shared = p->n_shared;
	out->guards = show_guards(naming, p, &out->n_guards);
	out->n_keyed = p->n_keyed;
	out->keys = p->keys;
	out->n_keys = p->n_keys;
}

static void show_locks(const struct naming *naming)
{
	const struct lists *l = &naming->report->lists;

	for (size_t i = 0; i < l->n_locks; i++)
		show_lock(naming, &l->locks[i]);
	for (size_t i = 0; i < l->lock_sums.n; i++)
		show_lock_sum(naming, ledger_get(&l->lock_sums, i));
}

static void show_maps(const struct naming *naming)
{
	const struct lists *l = &naming->report->lists;
	struct table *profile_of = table_new();

	for (size_t i = 0; i < l->n_profiles; i++)
		*table_at(profile_of, l->profiles[i].object, 0) = i + 1;
	for (size_t i = 0; i < l->n_maps; i++) {
		const struct map_usage *u = &l->maps[i];
		const uint64_t *p = table_find(profile_of, u->object, 0);

		show_map(naming, u, p ? &l->profiles[*p - 1] : NULL);
	}
	table_free(profile_of);
	for (size_t i = 0; i < l->map_sums.n; i++)
		show_map_sum(naming, ledger_get(&l->map_sums, i));
}

static void show_replay(const struct naming *naming)
{
	struct report *report = naming->report;
	struct document *doc = &report->doc;
	const struct replay_usage *u = report->added_replay;
	struct shown_replay out = { .process = naming->process, .usage = u };

	if (!u)
		return;
	for (size_t i = 0; i < u->n_locks; i++)
		out.locks[out.n_locks++] = (struct shown_replayed){
			.object =
				names_object(naming->names, u->locks[i].object),
			.lock = &u->locks[i],
		};
	for (size_t i = 0; i < u->n_edges; i++)
		out.edges[out.n_edges++] = (struct shown_edge){
			.thread = show_thread(naming, u->edges[i].thread),
			.for_thread =
				show_thread(naming, u->edges[i].for_thread),
			.edge = &u->edges[i],
		};
	report->replays = grow(report->replays, &report->room_replays,
			       doc->n_replays, sizeof(out));
	report->replays[doc->n_replays++] = out;
}

static void show_threads(const struct naming *naming)
{
	struct report *report = naming->report;
	struct document *doc = &report->doc;

	for (size_t i = 0; i < naming->process->n_threads; i++) {
		report->threads =
			grow(report->threads, &report->room_threads,
			     doc->n_threads, sizeof(*report->threads));
		report->threads[doc->n_threads++] = naming->threads[i];
	}
}

void report_end(struct report *report)
{
	struct document *doc = &report->doc;
	struct shown_process *process = show_process(report);
	struct symbols *symbols =
		symbols_new(report->info, report->files, report->mem);
	struct naming naming = {
		.report = report,
		.symbols = symbols,
		.names = names_new(report->info, symbols, process, report->mem),
		.process = process,
	};

	lists_cut(report);
	use_objects(report, naming.names);
	use_replayed(report, naming.names);
	names_give(naming.names);
	naming.threads = names_threads(naming.names);

	show_threads(&naming);
	for (size_t i = 0; i < report->n_added; i++)
		show_finding(&naming, &report->added[i]);
	show_locks(&naming);
	show_maps(&naming);
	show_replay(&naming);
	process->n_unnamed = symbols_unnamed(symbols, &process->unnamed);

	report->processes = grow(report->processes, &report->room_processes,
				 doc->n_processes, sizeof(*report->processes));
	report->processes[doc->n_processes++] = process;
	names_free(naming.names);
	symbols_free(symbols);
	lists_end(report);
	report->info = NULL;
}
