/* SPDX-License-Identifier: MIT */
/*
 * The locks and maps of a trace as they are added: those that rank first are
 * kept, so that a report of millions needs no more memory than one of
 * thousands.  Of the others there are sums, one for each place that they were
 * made at.
 */
#include <stdlib.h>
#include <string.h>

#include "report/rank.h"
#include "report/report_parts.h"
#include "store.h"

static int ascending(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static struct rank rank_of(const struct added_lock *l)
{
	return rank_of_lock(l->wait.sum_ns, l->usage.contended,
			    l->usage.acquisitions);
}

static int by_wait(const void *a, const void *b)
{
	const struct added_lock *x = a, *y = b;
	int order = rank_compare(rank_of(x), rank_of(y));

	return order ? order : ascending(x->usage.object, y->usage.object);
}

static int by_overlaps(const void *a, const void *b)
{
	const struct map_usage *x = a, *y = b;
	int order = rank_compare(rank_of_map(x->overlaps, x->n_threads > 1,
					     x->reads + x->writes),
				 rank_of_map(y->overlaps, y->n_threads > 1,
					     y->reads + y->writes));

	return order ? order : ascending(x->object, y->object);
}

static int by_object(const void *a, const void *b)
{
	const struct map_usage *x = a, *y = b;

	return ascending(x->object, y->object);
}

/* The sum that the object belongs to: those made at one place. */
static void *sum_of(struct ledger *sums, const struct trace_info *info,
		    uint32_t object, bool *is_new)
{
	const struct object_info *o = &info->objects[object];

	return ledger_at(
		sums, (uint64_t)o->stack << 1 | !!(o->kind & CMSHIM_SEEN_INIT),
		(uint64_t)o->family << 32 | o->class, is_new);
}

static void leave_lock(struct report *report, struct added_lock *lock)
{
	bool is_new;
	struct lock_sum *sum = sum_of(&report->lists.lock_sums, report->info,
				      lock->usage.object, &is_new);

	if (is_new)
		sum->object = lock->usage.object;
	sum->n++;
	sum->acquisitions += lock->usage.acquisitions;
	sum->shared += lock->usage.shared;
	sum->contended += lock->usage.contended;
	sum->wait_ns += lock->wait.sum_ns;
	store_free(lock->blame);
}

static void leave_map(struct report *report, const struct map_usage *map)
{
	bool is_new;
	struct map_sum *sum = sum_of(&report->lists.map_sums, report->info,
				     map->object, &is_new);

	if (is_new)
		sum->object = map->object;
	sum->n++;
	sum->n_shared += map->n_threads > 1 || map->overlaps;
	sum->reads += map->reads;
	sum->writes += map->writes;
	sum->overlaps += map->overlaps;
}

static void cut_locks(struct report *report)
{
	struct lists *l = &report->lists;

	if (l->n_locks <= report->most_listed)
		return;
	qsort(l->locks, l->n_locks, sizeof(*l->locks), by_wait);
	for (size_t i = report->most_listed; i < l->n_locks; i++)
		leave_lock(report, &l->locks[i]);
	l->n_locks = report->most_listed;
}

static void cut_maps(struct report *report)
{
	struct lists *l = &report->lists;

	if (l->n_maps <= report->most_listed)
		return;
	qsort(l->maps, l->n_maps, sizeof(*l->maps), by_overlaps);
	for (size_t i = report->most_listed; i < l->n_maps; i++)
		leave_map(report, &l->maps[i]);
	l->n_maps = report->most_listed;
}

void lists_cut(struct report *report)
{
	cut_locks(report);
	cut_maps(report);
}

void lists_begin(struct report *report)
{
	struct lists *l = &report->lists;

	l->is_used = zeroed(report->info->n_objects, sizeof(*l->is_used));
	l->lock_sums = ledger_of(sizeof(struct lock_sum));
	l->map_sums = ledger_of(sizeof(struct map_sum));
}

void lists_end(struct report *report)
{
	struct lists *l = &report->lists;

	for (size_t i = 0; i < l->n_locks; i++)
		store_free(l->locks[i].blame);
	store_free(l->locks);
	store_free(l->maps);
	store_free(l->profiles);
	store_free(l->is_used);
	ledger_release(&l->lock_sums);
	ledger_release(&l->map_sums);
	*l = (struct lists){ .locks = NULL };
}

/* Cutting costs little if as many come between. */
static bool is_full(const struct report *report, size_t n)
{
	return n / 2 >= report->most_listed;
}

/*
 * A lock that was made and never taken is nothing to show.  Of threads that
 * meet a lock first at the same time each numbers it, and one number is used.
 */
static bool was_used(const struct lock_usage *usage)
{
	return usage->acquisitions || usage->contended ||
	       (usage->wait && usage->wait->n);
}

static bool is_known(const struct report *report, uint32_t object)
{
	return object && object < report->info->n_objects;
}

void report_add_lock(struct report *out, const struct lock_usage *usage)
{
	struct lists *l = &out->lists;
	struct added_lock own = { .usage = *usage };

	if (!is_known(out, usage->object) || !was_used(usage))
		return;
	own.usage.wait = own.usage.hold = NULL;
	own.usage.blame = NULL;
	if (usage->wait)
		own.wait = *usage->wait;
	if (usage->hold)
		own.hold = *usage->hold;
	if (usage->n_blame) {
		own.blame = zeroed(usage->n_blame, sizeof(*own.blame));
		memcpy(own.blame, usage->blame,
		       usage->n_blame * sizeof(*own.blame));
	}
	l->is_used[usage->object] = true;
	l->locks = grow(l->locks, &l->room_locks, l->n_locks, sizeof(own));
	l->locks[l->n_locks++] = own;
	if (is_full(out, l->n_locks))
		cut_locks(out);
}

void report_add_map(struct report *out, const struct map_usage *usage)
{
	struct lists *l = &out->lists;

	if (!is_known(out, usage->object))
		return;
	l->is_used[usage->object] = true;
	l->maps = grow(l->maps, &l->room_maps, l->n_maps, sizeof(*usage));
	l->maps[l->n_maps++] = *usage;
	l->maps_are_sorted = false;
	if (is_full(out, l->n_maps))
		cut_maps(out);
}

/* Of a map that will not be listed no profile is kept; as long as there are
   no maps each may be. */
static bool may_be_listed(struct report *report, uint32_t object)
{
	const struct map_usage key = { .object = object };
	struct lists *l = &report->lists;

	if (!l->n_maps)
		return true;
	if (!l->maps_are_sorted) {
		cut_maps(report);
		qsort(l->maps, l->n_maps, sizeof(*l->maps), by_object);
		l->maps_are_sorted = true;
	}
	return bsearch(&key, l->maps, l->n_maps, sizeof(*l->maps), by_object);
}

static void *copy(struct report *report, const void *from, size_t bytes)
{
	void *to = arena_alloc(report->mem, bytes + 1);

	if (bytes)
		memcpy(to, from, bytes);
	return to;
}

void report_add_map_profile(struct report *out,
			    const struct map_profile *profile)
{
	struct lists *l = &out->lists;
	struct map_profile own = *profile;

	if (!is_known(out, own.object) || !may_be_listed(out, own.object))
		return;
	own.size.at = copy(out, own.size.at, own.size.n_at * sizeof(uint64_t));
	own.guards = copy(out, own.guards, own.n_guards * sizeof(*own.guards));
	own.keys = copy(out, own.keys, own.n_keys * sizeof(*own.keys));
	l->profiles = grow(l->profiles, &l->room_profiles, l->n_profiles,
			   sizeof(own));
	l->profiles[l->n_profiles++] = own;
}
