/* SPDX-License-Identifier: MIT */
/*
 * JSON for programs, after reports/report/report.schema.json.  Times are
 * nanoseconds, offsets are as addr2line takes them.  What is not known is null.
 */
#include "show/renderer.h"

#include <errno.h>
#include <jansson.h>

#include "show/json_parts.h"

#define SCHEMA "cmshim-report-1"

static json_t *losses_json(const uint64_t lost[CMSHIM_N_LOSSES])
{
	json_t *out = json_object();

	value_set(out, "events", value_number(lost[CMSHIM_LOST_EVENTS]));
	value_set(out, "objects", value_number(lost[CMSHIM_LOST_OBJECTS]));
	value_set(out, "nested", value_number(lost[CMSHIM_LOST_NESTED]));
	value_set(out, "stacks", value_number(lost[CMSHIM_LOST_STACKS]));
	value_set(out, "frames", value_number(lost[CMSHIM_LOST_FRAMES]));
	return out;
}

static json_t *process_json(const struct shown_process *p)
{
	static const char *const states[] = {
		[CMSHIM_RECORDING] = "recording",
		[CMSHIM_EXITED] = "exited",
		[CMSHIM_STOPPED] = "stopped",
	};
	json_t *out = json_object();
	json_t *arguments = json_array();
	json_t *unnamed = json_array();
	bool is_known =
		p->state >= CMSHIM_RECORDING && p->state <= CMSHIM_STOPPED;

	for (size_t i = 0; i < p->n_arguments; i++)
		value_append(arguments, json_string(p->arguments[i]));
	for (size_t i = 0; i < p->n_unnamed; i++) {
		json_t *module = json_object();

		value_set(module, "module", value_text(p->unnamed[i].module));
		value_set(module, "reason", value_text(p->unnamed[i].why));
		value_append(unnamed, module);
	}
	value_set(out, "name", value_text(p->name));
	value_set(out, "program", value_text(p->program));
	value_set(out, "arguments", arguments);
	value_set(out, "pid", value_number(p->pid));
	value_set(out, "parent_pid", value_number_or_null(p->parent_pid));
	value_set(out, "state", value_text(is_known ? states[p->state] : NULL));
	value_set(out, "duration_ns", value_number(p->duration_ns));
	value_set(out, "threads", value_number(p->n_threads));
	value_set(out, "events", value_number(p->n_events));
	value_set(out, "lost", value_number(p->n_lost));
	value_set(out, "lost_by", losses_json(p->lost));
	value_set(out, "gaps", value_number(p->n_gaps));
	value_set(out, "truncated", json_boolean(p->truncated));
	value_set(out, "damaged", json_boolean(p->damaged));
	value_set(out, "damage", value_text(p->damage));
	value_set(out, "stacks_recorded", json_boolean(!p->no_stacks));
	value_set(out, "every_hold_timed", json_boolean(p->every_hold));
	value_set(out, "without_names", unnamed);
	return out;
}

/* All processes together; program and pid are the first one's. */
static json_t *run_json(const struct document *doc)
{
	struct shown_process sum = { 0 };
	json_t *out = json_object();
	json_t *processes = json_array();
	json_t *not_seen = json_array();
	const struct shown_process *first =
		doc->n_processes ? doc->processes[0] : &sum;

	for (size_t i = 0; i < doc->n_processes; i++) {
		const struct shown_process *p = doc->processes[i];

		sum.n_events += p->n_events;
		sum.n_lost += p->n_lost;
		sum.n_gaps += p->n_gaps;
		for (size_t k = 0; k < CMSHIM_N_LOSSES; k++)
			sum.lost[k] += p->lost[k];
		if (p->duration_ns > sum.duration_ns)
			sum.duration_ns = p->duration_ns;
		sum.truncated |= p->truncated;
		sum.damaged |= p->damaged;
		value_append(processes, process_json(p));
	}
	for (size_t i = 0; i < doc->n_not_seen; i++)
		value_append(not_seen, value_text(doc->not_seen[i]));

	value_set(out, "name", value_text(first->name));
	value_set(out, "program", value_text(first->program));
	value_set(out, "pid", value_number(first->pid));
	value_set(out, "duration_ns", value_number(sum.duration_ns));
	value_set(out, "events", value_number(sum.n_events));
	value_set(out, "lost", value_number(sum.n_lost));
	value_set(out, "lost_by", losses_json(sum.lost));
	value_set(out, "gaps", value_number(sum.n_gaps));
	value_set(out, "truncated", json_boolean(sum.truncated));
	value_set(out, "damaged", json_boolean(sum.damaged));
	value_set(out, "processes", processes);
	value_set(out, "not_seen", not_seen);
	return out;
}

static json_t *thread_json(const struct document *doc, size_t i)
{
	const struct shown_thread *t = &doc->threads[i];
	json_t *out = json_object();

	value_set(out, "pid", value_number(t->process->pid));
	value_set(out, "number", value_number(t->number));
	value_set(out, "tid", value_number_or_null(t->kernel_id));
	value_set(out, "name", value_text(t->name));
	value_set(out, "start", value_text(t->start));
	value_set(out, "parent", value_number_or_null(t->parent));
	value_set(out, "created_at", value_stack(&t->created));
	return out;
}

static json_t *traits_json(uint32_t traits)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} names[] = {
		{ CMSHIM_RECURSIVE, "recursive" },
		{ CMSHIM_ERRORCHECK, "errorcheck" },
		{ CMSHIM_ADAPTIVE, "adaptive" },
		{ CMSHIM_ROBUST, "robust" },
		{ CMSHIM_PRIO_INHERIT, "prio-inherit" },
		{ CMSHIM_PRIO_PROTECT, "prio-protect" },
		{ CMSHIM_PROCESS_SHARED, "process-shared" },
		{ CMSHIM_PREFER_WRITER, "prefer-writer" },
		{ CMSHIM_C11, "c11" },
	};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (traits & names[i].bit)
			value_append(list, value_text(names[i].name));
	return list;
}

static json_t *durations_json(const struct duration_figures *d)
{
	json_t *out = json_object();

	value_set(out, "sum", value_number(d->sum_ns));
	value_set(out, "p50", value_number(d->p50_ns));
	value_set(out, "p99", value_number(d->p99_ns));
	value_set(out, "max", value_number(d->max_ns));
	return out;
}

static json_t *blame_json(const struct shown_lock *lock)
{
	json_t *list = json_array();

	for (size_t i = 0; i < lock->n_blame; i++) {
		const struct shown_blame *b = &lock->blame[i];
		json_t *out = json_object();

		value_set(out, "waiter_stack", value_stack(&b->waiter));
		value_set(out, "holder_stack", value_stack(&b->holder));
		value_set(out, "wait_ns", value_number(b->wait_ns));
		value_set(out, "count", value_number(b->count));
		value_append(list, out);
	}
	return list;
}

static json_t *lock_json(const struct document *doc, size_t i)
{
	const struct shown_lock *l = &doc->locks[i];
	json_t *out = json_object();
	json_t *hold = durations_json(l->hold);

	value_set(hold, "samples", value_number(l->hold->n));
	value_set(out, "pid", value_number(l->object->process->pid));
	value_set(out, "name", value_text(l->object->name));
	value_set(out, "kind", value_text(l->object->kind));
	value_set(out, "traits", traits_json(l->object->traits));
	value_set(out, "made_at", value_stack(&l->object->made));
	value_set(out, "acquisitions", value_number(l->acquisitions));
	value_set(out, "shared", value_number(l->shared));
	value_set(out, "contended", value_number(l->contended));
	value_set(out, "threads", value_number(l->n_threads));
	value_set(out, "wait_ns", durations_json(l->wait));
	value_set(out, "hold_ns", hold);
	value_set(out, "blame", blame_json(l));
	return out;
}

static json_t *counts_json(const struct map_counts *c)
{
	json_t *out = json_object();

	value_set(out, "lookups", value_number(c->lookups));
	value_set(out, "hits", value_number(c->hits));
	value_set(out, "misses", value_number(c->misses));
	value_set(out, "walks", value_number(c->walks));
	value_set(out, "steps", value_number(c->steps));
	value_set(out, "puts", value_number(c->puts));
	value_set(out, "added", value_number(c->added));
	value_set(out, "replaced", value_number(c->replaced));
	value_set(out, "removals", value_number(c->removals));
	value_set(out, "removed", value_number(c->removed));
	return out;
}

static json_t *size_json(const struct map_size *size)
{
	json_t *out = json_object();
	json_t *at = json_array();

	if (!size->is_known) {
		json_decref(out);
		json_decref(at);
		return json_null();
	}
	for (size_t i = 0; i < size->n_at; i++)
		value_append(at, value_number(size->at[i]));
	value_set(out, "now", value_number(size->now));
	value_set(out, "most", value_number(size->most));
	value_set(out, "span_ns", value_number(size->span_ns));
	value_set(out, "at", at);
	return out;
}

static json_t *guards_json(const struct shown_map *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->n_guards; i++) {
		const struct shown_guard *g = &m->guards[i];
		json_t *out = json_object();

		value_set(out, "lock", value_object_name(g->lock));
		value_set(out, "calls", value_number(g->n));
		value_set(out, "shared", value_number(g->n_shared));
		value_append(list, out);
	}
	return list;
}

static json_t *keys_json(const struct shown_map *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->n_keys; i++) {
		json_t *out = json_object();

		value_set(out, "hash", value_number(m->keys[i].key));
		value_set(out, "calls", value_number(m->keys[i].count));
		value_append(list, out);
	}
	return list;
}

static json_t *map_json(const struct document *doc, size_t i)
{
	const struct shown_map *m = &doc->maps[i];
	json_t *out = json_object();

	value_set(out, "pid", value_number(m->object->process->pid));
	value_set(out, "name", value_text(m->object->name));
	value_set(out, "site", value_text(m->object->site));
	value_set(out, "api", value_text(m->object->api));
	value_set(out, "made_at", value_stack(&m->object->made));
	value_set(out, "reads", value_number(m->reads));
	value_set(out, "writes", value_number(m->writes));
	value_set(out, "threads", value_number(m->n_threads));
	value_set(out, "overlaps", value_number(m->overlaps));
	value_set(out, "calls", counts_json(&m->counts));
	value_set(out, "size", size_json(&m->size));
	value_set(out, "shared_calls", value_number(m->n_shared));
	value_set(out, "guards", guards_json(m));
	value_set(out, "keyed_calls", value_number(m->n_keyed));
	value_set(out, "keys", keys_json(m));
	return out;
}

static json_t *side_json(const struct shown_side *side)
{
	json_t *out = json_object();
	json_t *held = json_array();

	for (size_t i = 0; i < side->n_held; i++) {
		const struct shown_held *h = &side->held[i];
		json_t *lock = json_object();

		value_set(lock, "lock", value_object_name(h->lock));
		value_set(lock, "mode",
			  value_text(h->shared ? "shared" : "exclusive"));
		value_set(lock, "stack", value_stack(&h->stack));
		value_append(held, lock);
	}
	value_set(out, "role", value_text(side->role));
	value_set(out, "thread", value_thread(side->thread));
	value_set(out, "operation", value_text(side->operation));
	value_set(out, "stack", value_stack(&side->stack));
	value_set(out, "held", held);
	value_set(out, "waits_for", value_object_name(side->waits_for));
	value_set(out, "write_number",
		  value_number_or_null(side->write_number));
	value_set(out, "time_ns",
		  side->has_time ? value_number(side->time_ns) : json_null());
	return out;
}

static json_t *gain_json(const struct shown_finding *f)
{
	json_t *out;

	if (!f->has_gain)
		return json_null();
	out = json_object();
	value_set(out, "scenario", value_text(whatif_name(f->rule->remedy)));
	value_set(out, "sooner", json_real(f->sooner));
	value_set(out, "less", json_real(f->less));
	return out;
}

static json_t *tags_json(unsigned tags)
{
	json_t *list = json_array();

	for (unsigned bit = 0; bit < N_TAGS; bit++)
		if (tags >> bit & 1)
			value_append(list, value_text(tag_name(bit)));
	return list;
}

static json_t *last_order_json(const struct shown_last_order *last)
{
	json_t *out;

	if (!last)
		return json_null();
	out = json_object();
	value_set(out, "object", value_object_name(last->object));
	value_set(out, "giver", value_thread(last->giver));
	value_set(out, "given", value_stack(&last->given));
	value_set(out, "taker", value_thread(last->taker));
	value_set(out, "taken", value_stack(&last->taken));
	value_set(out, "time_ns",
		  last->has_time ? value_number(last->time_ns) : json_null());
	return out;
}

static json_t *witness_json(const struct shown_finding *f)
{
	json_t *out, *order;

	if (!f->n_order)
		return json_null();
	out = json_object();
	order = json_array();
	for (size_t i = 0; i < f->n_order; i++) {
		const struct shown_step *s = &f->order[i];
		json_t *step = json_object();

		value_set(step, "thread", value_thread(s->thread));
		value_set(step, "op",
			  value_text(s->is_request ? "request" : "acquire"));
		value_set(step, "object", value_object_name(s->lock));
		value_set(step, "mode",
			  s->is_request ? json_null()
					: value_text(s->shared ? "shared"
							       : "exclusive"));
		value_append(order, step);
	}
	value_set(out, "order", order);
	return out;
}

static json_t *finding_json(const struct document *doc, size_t i)
{
	const struct shown_finding *f = &doc->findings[i];
	json_t *out = json_object();
	json_t *sides = json_array();

	for (size_t k = 0; k < f->n_sides; k++)
		value_append(sides, side_json(&f->sides[k]));
	value_set(out, "pid", value_number(f->process->pid));
	value_set(out, "key", value_text(f->key));
	value_set(out, "rule", value_text(f->rule->id));
	value_set(out, "severity", value_text(level_name(f->level)));
	value_set(out, "tier", value_text(tier_name(f->tier)));
	value_set(out, "title", value_text(f->rule->title));
	value_set(out, "message", value_text(f->message));
	value_set(out, "advice", value_text(f->advice));
	value_set(out, "reproduce", value_text(f->reproduce));
	value_set(out, "gain", gain_json(f));
	value_set(out, "tags", tags_json(f->tags));
	value_set(out, "last_common_sync", last_order_json(f->last_order));
	value_set(out, "help", value_text(f->rule->help));
	value_set(out, "object", value_object_name(f->object));
	value_set(out, "weight", value_number(f->weight));
	value_set(out, "unit", value_text(f->rule->unit));
	value_set(out, "count", value_number(f->count));
	value_set(out, "sides", sides);
	value_set(out, "witness", witness_json(f));
	value_set(out, "suppressed_by", value_text(f->suppressed_by));
	return out;
}

/* A list at a time, and of it an element: of a million locks a tree of all
   would be ten gigabytes. */
static int render(const struct document *doc, const struct render_options *how,
		  FILE *out)
{
	struct pieces p = { .doc = doc, .out = out };

	(void)how;
	values_begin();
	pieces_begin(&p);
	pieces_value(&p, "schema", value_text(SCHEMA));
	pieces_value(&p, "run", run_json(doc));
	pieces_list(&p, "threads", doc->n_threads, thread_json);
	pieces_list(&p, "locks", doc->n_locks, lock_json);
	pieces_list(&p, "other_locks", doc->n_lock_sums, json_lock_sum);
	pieces_list(&p, "maps", doc->n_maps, map_json);
	pieces_list(&p, "other_maps", doc->n_map_sums, json_map_sum);
	pieces_list(&p, "findings", doc->n_findings, finding_json);
	pieces_value(&p, "replays", json_replays(doc));
	pieces_end(&p);
	if (!values_are_complete())
		return -ENOMEM;
	return p.has_failed ? -EIO : 0;
}

const struct renderer renderer_json = {
	.name = "json",
	.help = "everything, for programs; see report.schema.json",
	.render = render,
};
