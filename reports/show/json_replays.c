/* SPDX-License-Identifier: MIT */
/* See json_parts.h. */
#include "show/json_parts.h"

static json_t *gains_json(const struct replayed_lock *l)
{
	json_t *out = json_object();

	for (int w = WHATIF_FREE; w < N_WHATIFS; w++) {
		json_t *gain = l->is_known[w] ? json_object() : json_null();

		if (l->is_known[w]) {
			value_set(gain, "sooner", json_real(l->sooner[w]));
			value_set(gain, "less", json_real(l->less[w]));
		}
		value_set(out, whatif_name((enum whatif)w), gain);
	}
	return out;
}

static json_t *edge_json(const struct shown_edge *e)
{
	json_t *out = json_object();

	value_set(out, "thread", value_thread(e->thread));
	value_set(out, "threads", value_number(e->edge->n_threads));
	value_set(out, "in_knot", json_boolean(e->edge->in_knot));
	value_set(out, "for", value_thread(e->for_thread));
	value_set(out, "for_threads", value_number(e->edge->n_for_threads));
	value_set(out, "for_in_knot", json_boolean(e->edge->for_knot));
	value_set(out, "wait_ns", value_number(e->edge->wait_ns));
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

		value_set(lock, "lock", value_object_name(r->locks[i].object));
		value_set(lock, "critical_inside_ns",
			  value_number(l->inside_ns));
		value_set(lock, "critical_handed_over_ns",
			  value_number(l->handed_ns));
		value_set(lock, "gains", gains_json(l));
		value_append(locks, lock);
	}
	for (size_t i = 0; i < r->n_edges; i++)
		value_append(waiting, edge_json(&r->edges[i]));
	for (size_t i = 0; i < r->usage->n_remarks; i++)
		value_append(remarks, value_text(r->usage->remarks[i]));
	value_set(out, "pid", value_number(r->process->pid));
	value_set(out, "measured_ns", value_number(r->usage->measured_ns));
	value_set(out, "replayed_ns", value_number(r->usage->replayed_ns));
	value_set(out, "locks", locks);
	value_set(out, "waiting", waiting);
	value_set(out, "waited_ns", value_number(r->usage->waited_ns));
	value_set(out, "remarks", remarks);
	return out;
}

json_t *json_replays(const struct document *doc)
{
	json_t *list = json_array();

	for (size_t i = 0; i < doc->n_replays; i++)
		value_append(list, replay_json(&doc->replays[i]));
	return list;
}
