/* SPDX-License-Identifier: MIT */
/* Locks and maps that are not listed, by place, for the JSON renderer. */
#include "show/json_parts.h"

json_t *json_lock_sum(const struct document *doc, size_t i)
{
	const struct shown_lock_sum *l = &doc->lock_sums[i];
	json_t *out = json_object();

	value_set(out, "pid", value_number(l->process->pid));
	value_set(out, "site", value_text(l->site));
	value_set(out, "kind", value_text(l->kind));
	value_set(out, "made_at", value_stack(&l->made));
	value_set(out, "locks", value_number(l->n));
	value_set(out, "acquisitions", value_number(l->acquisitions));
	value_set(out, "shared", value_number(l->shared));
	value_set(out, "contended", value_number(l->contended));
	value_set(out, "wait_ns", value_number(l->wait_ns));
	return out;
}

json_t *json_map_sum(const struct document *doc, size_t i)
{
	const struct shown_map_sum *m = &doc->map_sums[i];
	json_t *out = json_object();

	value_set(out, "pid", value_number(m->process->pid));
	value_set(out, "site", value_text(m->site));
	value_set(out, "api", value_text(m->api));
	value_set(out, "made_at", value_stack(&m->made));
	value_set(out, "maps", value_number(m->n));
	value_set(out, "shared_maps", value_number(m->n_shared));
	value_set(out, "reads", value_number(m->reads));
	value_set(out, "writes", value_number(m->writes));
	value_set(out, "overlaps", value_number(m->overlaps));
	return out;
}
