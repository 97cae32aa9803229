/* SPDX-License-Identifier: MIT */
/*
 * JSON for programs, after reports/report.schema.json.  Times are nanoseconds,
 * offsets are as addr2line takes them.  What is not known is null.
 */
#include "renderer.h"

#include <errno.h>
#include <jansson.h>

#define SCHEMA "cmshim-report-1"

/* jansson leaves out what there was no memory for. */
static bool is_incomplete;

static void set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		is_incomplete = true;
}

static void append(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value))
		is_incomplete = true;
}

static json_t *text(const char *value)
{
	return value ? json_string(value) : json_null();
}

static json_t *number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *number_or_null(uint64_t value)
{
	return value ? number(value) : json_null();
}

static json_t *object_name(const struct shown_object *object)
{
	return object ? json_string(object->name) : json_null();
}

static json_t *stack_json(const struct shown_stack *stack)
{
	json_t *list = json_array();

	for (size_t i = 0; i < stack->n_frames; i++) {
		const struct shown_frame *f = &stack->frames[i];
		json_t *frame = json_object();

		set(frame, "module", text(f->module));
		set(frame, "build_id", text(f->build_id));
		set(frame, "offset", number(f->offset));
		set(frame, "function", text(f->function));
		set(frame, "file", text(f->file));
		set(frame, "line", number_or_null(f->line));
		set(frame, "inlined", json_boolean(f->inlined));
		append(list, frame);
	}
	return list;
}

static json_t *losses_json(const uint64_t lost[CMSHIM_N_LOSSES])
{
	json_t *out = json_object();

	set(out, "events", number(lost[CMSHIM_LOST_EVENTS]));
	set(out, "objects", number(lost[CMSHIM_LOST_OBJECTS]));
	set(out, "nested", number(lost[CMSHIM_LOST_NESTED]));
	set(out, "stacks", number(lost[CMSHIM_LOST_STACKS]));
	set(out, "frames", number(lost[CMSHIM_LOST_FRAMES]));
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
		append(arguments, json_string(p->arguments[i]));
	for (size_t i = 0; i < p->n_unnamed; i++) {
		json_t *module = json_object();

		set(module, "module", text(p->unnamed[i].module));
		set(module, "reason", text(p->unnamed[i].why));
		append(unnamed, module);
	}
	set(out, "name", text(p->name));
	set(out, "program", text(p->program));
	set(out, "arguments", arguments);
	set(out, "pid", number(p->pid));
	set(out, "parent_pid", number_or_null(p->parent_pid));
	set(out, "state", text(is_known ? states[p->state] : NULL));
	set(out, "duration_ns", number(p->duration_ns));
	set(out, "threads", number(p->n_threads));
	set(out, "events", number(p->n_events));
	set(out, "lost", number(p->n_lost));
	set(out, "lost_by", losses_json(p->lost));
	set(out, "gaps", number(p->n_gaps));
	set(out, "truncated", json_boolean(p->truncated));
	set(out, "damaged", json_boolean(p->damaged));
	set(out, "damage", text(p->damage));
	set(out, "stacks_recorded", json_boolean(!p->no_stacks));
	set(out, "every_hold_timed", json_boolean(p->every_hold));
	set(out, "without_names", unnamed);
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
		append(processes, process_json(p));
	}
	for (size_t i = 0; i < doc->n_not_seen; i++)
		append(not_seen, text(doc->not_seen[i]));

	set(out, "name", text(first->name));
	set(out, "program", text(first->program));
	set(out, "pid", number(first->pid));
	set(out, "duration_ns", number(sum.duration_ns));
	set(out, "events", number(sum.n_events));
	set(out, "lost", number(sum.n_lost));
	set(out, "lost_by", losses_json(sum.lost));
	set(out, "gaps", number(sum.n_gaps));
	set(out, "truncated", json_boolean(sum.truncated));
	set(out, "damaged", json_boolean(sum.damaged));
	set(out, "processes", processes);
	set(out, "not_seen", not_seen);
	return out;
}

static json_t *threads_json(const struct document *doc)
{
	json_t *list = json_array();

	for (size_t i = 0; i < doc->n_threads; i++) {
		const struct shown_thread *t = &doc->threads[i];
		json_t *out = json_object();

		set(out, "pid", number(t->process->pid));
		set(out, "number", number(t->number));
		set(out, "tid", number_or_null(t->kernel_id));
		set(out, "name", text(t->name));
		set(out, "start", text(t->start));
		set(out, "parent", number_or_null(t->parent));
		set(out, "created_at", stack_json(&t->created));
		append(list, out);
	}
	return list;
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
			append(list, text(names[i].name));
	return list;
}

static json_t *durations_json(const struct durations *d)
{
	json_t *out = json_object();

	set(out, "sum", number(d->sum_ns));
	set(out, "p50", number(durations_quantile(d, 0.5)));
	set(out, "p99", number(durations_quantile(d, 0.99)));
	set(out, "max", number(d->max_ns));
	return out;
}

static json_t *blame_json(const struct shown_lock *lock)
{
	json_t *list = json_array();

	for (size_t i = 0; i < lock->n_blame; i++) {
		const struct shown_blame *b = &lock->blame[i];
		json_t *out = json_object();

		set(out, "waiter_stack", stack_json(&b->waiter));
		set(out, "holder_stack", stack_json(&b->holder));
		set(out, "wait_ns", number(b->wait_ns));
		set(out, "count", number(b->count));
		append(list, out);
	}
	return list;
}

static json_t *locks_json(const struct document *doc)
{
	json_t *list = json_array();

	for (size_t i = 0; i < doc->n_locks; i++) {
		const struct shown_lock *l = &doc->locks[i];
		json_t *out = json_object();
		json_t *hold = durations_json(l->hold);

		set(hold, "samples", number(l->hold->n));
		set(out, "pid", number(l->object->process->pid));
		set(out, "name", text(l->object->name));
		set(out, "kind", text(l->object->kind));
		set(out, "traits", traits_json(l->object->traits));
		set(out, "made_at", stack_json(&l->object->made));
		set(out, "acquisitions", number(l->acquisitions));
		set(out, "shared", number(l->shared));
		set(out, "contended", number(l->contended));
		set(out, "threads", number(l->n_threads));
		set(out, "wait_ns", durations_json(l->wait));
		set(out, "hold_ns", hold);
		set(out, "blame", blame_json(l));
		append(list, out);
	}
	return list;
}

static json_t *counts_json(const struct map_counts *c)
{
	json_t *out = json_object();

	set(out, "lookups", number(c->lookups));
	set(out, "hits", number(c->hits));
	set(out, "misses", number(c->misses));
	set(out, "walks", number(c->walks));
	set(out, "steps", number(c->steps));
	set(out, "puts", number(c->puts));
	set(out, "added", number(c->added));
	set(out, "replaced", number(c->replaced));
	set(out, "removals", number(c->removals));
	set(out, "removed", number(c->removed));
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
		append(at, number(size->at[i]));
	set(out, "now", number(size->now));
	set(out, "most", number(size->most));
	set(out, "span_ns", number(size->span_ns));
	set(out, "at", at);
	return out;
}

static json_t *guards_json(const struct shown_map *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->n_guards; i++) {
		const struct shown_guard *g = &m->guards[i];
		json_t *out = json_object();

		set(out, "lock", object_name(g->lock));
		set(out, "calls", number(g->n));
		set(out, "shared", number(g->n_shared));
		append(list, out);
	}
	return list;
}

static json_t *keys_json(const struct shown_map *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->n_keys; i++) {
		json_t *out = json_object();

		set(out, "hash", number(m->keys[i].key));
		set(out, "calls", number(m->keys[i].count));
		append(list, out);
	}
	return list;
}

static json_t *maps_json(const struct document *doc)
{
	json_t *list = json_array();

	for (size_t i = 0; i < doc->n_maps; i++) {
		const struct shown_map *m = &doc->maps[i];
		json_t *out = json_object();

		set(out, "pid", number(m->object->process->pid));
		set(out, "name", text(m->object->name));
		set(out, "site", text(m->object->site));
		set(out, "api", text(m->object->api));
		set(out, "made_at", stack_json(&m->object->made));
		set(out, "reads", number(m->reads));
		set(out, "writes", number(m->writes));
		set(out, "threads", number(m->n_threads));
		set(out, "overlaps", number(m->overlaps));
		set(out, "calls", counts_json(&m->counts));
		set(out, "size", size_json(&m->size));
		set(out, "shared_calls", number(m->n_shared));
		set(out, "guards", guards_json(m));
		set(out, "keyed_calls", number(m->n_keyed));
		set(out, "keys", keys_json(m));
		append(list, out);
	}
	return list;
}

static json_t *side_thread_json(const struct shown_thread *t)
{
	json_t *out;

	if (!t)
		return json_null();
	out = json_object();
	set(out, "number", number(t->number));
	set(out, "tid", number_or_null(t->kernel_id));
	set(out, "name", text(t->name));
	set(out, "start", text(t->start));
	return out;
}

static json_t *side_json(const struct shown_side *side)
{
	json_t *out = json_object();
	json_t *held = json_array();

	for (size_t i = 0; i < side->n_held; i++) {
		const struct shown_held *h = &side->held[i];
		json_t *lock = json_object();

		set(lock, "lock", object_name(h->lock));
		set(lock, "mode", text(h->shared ? "shared" : "exclusive"));
		set(lock, "stack", stack_json(&h->stack));
		append(held, lock);
	}
	set(out, "role", text(side->role));
	set(out, "thread", side_thread_json(side->thread));
	set(out, "operation", text(side->operation));
	set(out, "stack", stack_json(&side->stack));
	set(out, "held", held);
	set(out, "waits_for", object_name(side->waits_for));
	set(out, "write_number", number_or_null(side->write_number));
	set(out, "time_ns",
	    side->has_time ? number(side->time_ns) : json_null());
	return out;
}

static json_t *gain_json(const struct shown_finding *f)
{
	json_t *out;

	if (!f->has_gain)
		return json_null();
	out = json_object();
	set(out, "scenario", text(whatif_name(f->rule->remedy)));
	set(out, "sooner", json_real(f->sooner));
	set(out, "less", json_real(f->less));
	return out;
}

static json_t *findings_json(const struct document *doc)
{
	json_t *list = json_array();

	for (size_t i = 0; i < doc->n_findings; i++) {
		const struct shown_finding *f = &doc->findings[i];
		json_t *out = json_object();
		json_t *sides = json_array();

		for (size_t k = 0; k < f->n_sides; k++)
			append(sides, side_json(&f->sides[k]));
		set(out, "pid", number(f->process->pid));
		set(out, "key", text(f->key));
		set(out, "rule", text(f->rule->id));
		set(out, "severity", text(level_name(f->level)));
		set(out, "tier", text(tier_name(f->tier)));
		set(out, "title", text(f->rule->title));
		set(out, "message", text(f->message));
		set(out, "advice", text(f->advice));
		set(out, "gain", gain_json(f));
		set(out, "help", text(f->rule->help));
		set(out, "object", object_name(f->object));
		set(out, "weight", number(f->weight));
		set(out, "unit", text(f->rule->unit));
		set(out, "count", number(f->count));
		set(out, "sides", sides);
		set(out, "suppressed_by", text(f->suppressed_by));
		append(list, out);
	}
	return list;
}

static json_t *gains_json(const struct replayed_lock *l)
{
	json_t *out = json_object();

	for (int w = WHATIF_FREE; w < N_WHATIFS; w++) {
		json_t *gain = l->is_known[w] ? json_object() : json_null();

		if (l->is_known[w]) {
			set(gain, "sooner", json_real(l->sooner[w]));
			set(gain, "less", json_real(l->less[w]));
		}
		set(out, whatif_name((enum whatif)w), gain);
	}
	return out;
}

static json_t *edge_json(const struct shown_edge *e)
{
	json_t *out = json_object();

	set(out, "thread", side_thread_json(e->thread));
	set(out, "threads", number(e->edge->n_threads));
	set(out, "in_knot", json_boolean(e->edge->in_knot));
	set(out, "for", side_thread_json(e->for_thread));
	set(out, "for_threads", number(e->edge->n_for_threads));
	set(out, "for_in_knot", json_boolean(e->edge->for_knot));
	set(out, "wait_ns", number(e->edge->wait_ns));
	return out;
}

static json_t *replay_json(const struct shown_replay *r)
{
	json_t *out = json_object();
	json_t *locks = json_array(), *waiting = json_array();
	json_t *remarks = json_array();

	for (size_t i = 0; i < r->n_locks; i++) {
		const struct replayed_lock *l = r->locks[i].lock;
		json_t *lock = json_object();

		set(lock, "lock", object_name(r->locks[i].object));
		set(lock, "critical_inside_ns", number(l->inside_ns));
		set(lock, "critical_handed_over_ns", number(l->handed_ns));
		set(lock, "gains", gains_json(l));
		append(locks, lock);
	}
	for (size_t i = 0; i < r->n_edges; i++)
		append(waiting, edge_json(&r->edges[i]));
	for (size_t i = 0; i < r->usage->n_remarks; i++)
		append(remarks, text(r->usage->remarks[i]));
	set(out, "pid", number(r->process->pid));
	set(out, "measured_ns", number(r->usage->measured_ns));
	set(out, "replayed_ns", number(r->usage->replayed_ns));
	set(out, "locks", locks);
	set(out, "waiting", waiting);
	set(out, "waited_ns", number(r->usage->waited_ns));
	set(out, "remarks", remarks);
	return out;
}

static json_t *replays_json(const struct document *doc)
{
	json_t *list = json_array();

	for (size_t i = 0; i < doc->n_replays; i++)
		append(list, replay_json(&doc->replays[i]));
	return list;
}

static int render(const struct document *doc, const struct render_options *how,
		  FILE *out)
{
	json_t *root = json_object();
	int result;

	(void)how;
	is_incomplete = false;
	set(root, "schema", text(SCHEMA));
	set(root, "run", run_json(doc));
	set(root, "threads", threads_json(doc));
	set(root, "locks", locks_json(doc));
	set(root, "maps", maps_json(doc));
	set(root, "findings", findings_json(doc));
	set(root, "replays", replays_json(doc));

	if (is_incomplete)
		result = -ENOMEM;
	else
		result = json_dumpf(root, out,
				    JSON_INDENT(2) | JSON_REAL_PRECISION(6))
				 ? -EIO
				 : 0;
	fputc('\n', out);
	json_decref(root);
	return result;
}

const struct renderer renderer_json = {
	.name = "json",
	.help = "everything, for programs; see report.schema.json",
	.render = render,
};
