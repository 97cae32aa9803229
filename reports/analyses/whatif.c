/* SPDX-License-Identifier: MIT */
/*
 * What the run would have gained, had one of its locks been another; what its
 * end waited for; who waited for whom.  See steps.h, replay.h, waiting.h.
 *
 * What cannot be told is left out with a remark that says why.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "analysis.h"
#include "replay/replay.h"
#include "replay/waiting.h"
#include "text.h"

#define LEAST_WAIT_NS 1000000u /* below it a lock is not asked for */
#define LEAST_GAIN    0.03     /* of advice */
#define LARGEST_ERROR 0.05     /* of a replay with nothing changed */
#define MOST_UNKNOWN  0.2      /* of waits, of holds */
#define MOST_READING  0.8      /* of sections, for a rwlock */
#define LEAST_READ_NS 1000u    /* mean of sections, for a rwlock */

enum { MAX_REMARKS = 2 + 2 * REPLAYED_LOCKS };

#define AT_BEST                                                             \
	"The gain is by replay: the run as recorded, with this one thing "  \
	"changed. It is an upper bound: work that other locks, memory or "  \
	"too few processors then delay is not in it, nor what the other "   \
	"lock costs. Only one thing can make it too small: who got a lock " \
	"after whom stays as it was. "

enum { SHARD, SPLIT, AS_RWLOCK };

static const struct rule rules[] = {
	[SHARD] = {
		.id = "perf-shard",
		.title = "One lock for keys that have nothing to do with each "
			 "other",
		.help = "Threads waited for each other although they used "
			"different keys. " AT_BEST
			"What it can miss: maps whose calls are not recorded. "
			"What it can get wrong: what else the lock protects "
			"is not seen; an operation on the whole map (its "
			"size, an iteration) then takes all the locks. What "
			"to do: make so many maps and locks, and choose one "
			"by the hash of the key.",
		.level = LEVEL_ADVICE,
		.unit = "permille",
		.remedy = WHATIF_SHARD_16,
	},
	[SPLIT] = {
		.id = "perf-split",
		.title = "One lock for maps that have nothing to do with each "
			 "other",
		.help = "Threads waited for each other although they used "
			"different maps. " AT_BEST
			"What it can get wrong: what else the lock protects "
			"is not seen, nor whether the maps must change "
			"together. What to do: give each map a lock.",
		.level = LEVEL_ADVICE,
		.unit = "permille",
		.remedy = WHATIF_SPLIT,
	},
	[AS_RWLOCK] = {
		.id = "perf-mutex-as-rw",
		.title = "Readers wait for each other",
		.help = "Of the sections in which the lock was held, 80 % or "
			"more only read maps, for 1 us or more on average. "
			AT_BEST
			"What it can get wrong: memory that is written in the "
			"section is not seen. What to do: take a rwlock, "
			"shared where the maps are only read.",
		.level = LEVEL_ADVICE,
		.unit = "permille",
		.remedy = WHATIF_RWLOCK,
	},
	{ .id = NULL },
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct steps *steps;
	const char *remarks[MAX_REMARKS];
	size_t n_remarks;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	st->mem = mem;
	st->info = info;
	st->steps = steps_new(info);
	return st;
}

static void acquired(void *state, const struct event *ev,
		     const struct world *world)
{
	const struct state *st = state;

	(void)world;
	steps_acquired(st->steps, ev);
}

static void released(void *state, const struct event *ev,
		     const struct world *world)
{
	const struct state *st = state;

	steps_released(st->steps, ev, world);
}

static void used(void *state, const struct event *ev, const struct world *world)
{
	const struct state *st = state;

	(void)world;
	steps_used(st->steps, ev);
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	const struct state *st = state;

	steps_event(st->steps, ev, world);
}

static void remark(struct state *st, const char *text)
{
	for (size_t i = 0; i < st->n_remarks; i++)
		if (st->remarks[i] == text)
			return;
	if (st->n_remarks < MAX_REMARKS)
		st->remarks[st->n_remarks++] = text;
}

/* Which of the cases say something about this lock. */
static void what_is_known(struct state *st, const struct replay *r, unsigned i,
			  struct replayed_lock *out)
{
	const struct slot *slot = steps_slot(st->steps, r->slot[i]);
	bool is_rwlock = st->info->objects[slot->object].class == CMSHIM_RWLOCK;
	double untimed = (double)(slot->n_given - slot->n_timed);
	bool holds = slot->n_given &&
		     untimed <= MOST_UNKNOWN * (double)slot->n_given;

	if (r->unexplained_ns[i] > MOST_UNKNOWN * r->wait_ns[i]) {
		remark(st, "Of a lock it is not known well enough which "
			   "release ended the waits for it.");
		return;
	}
	out->is_known[WHATIF_FREE] = true;
	for (int s = WHATIF_SHARD_2; s <= WHATIF_SHARD_16; s++)
		out->is_known[s] = r->has_keys[i];
	out->is_known[WHATIF_RWLOCK] = r->has_reads[i] && !is_rwlock;
	out->is_known[WHATIF_SPLIT] = r->has_maps[i] && slot->n_maps > 1;
	out->is_known[WHATIF_UNBLOCKED] = r->has_blocked[i];
	out->is_known[WHATIF_HALF] = holds;
	if (!holds)
		remark(st, "How long a lock was held is known too rarely; "
			   "CMSHIM_STAMPS=all times every hold.");
}

static double part(double a, double b)
{
	return b > 0 && a > 0 ? a / b : 0;
}

static void add_lock(struct state *st, const struct replay *r, unsigned i,
		     struct replay_usage *out)
{
	struct replayed_lock *l = &out->locks[out->n_locks++];

	l->object = steps_slot(st->steps, r->slot[i])->object;
	l->inside_ns = (uint64_t)r->inside_ns[i];
	l->handed_ns = (uint64_t)r->handed_ns[i];
	what_is_known(st, r, i, l);
	for (unsigned w = 0; w < N_WHATIFS; w++) {
		unsigned k = replay_case(i, (enum whatif)w);

		l->sooner[w] = part(r->end_ns[0] - r->end_ns[k], r->end_ns[0]);
		l->less[w] = part(r->saved_ns[k], r->lives_ns);
	}
}

static int by_wait(const void *a, const void *b)
{
	const struct waiting_edge *x = a, *y = b;

	if (x->wait_ns != y->wait_ns)
		return x->wait_ns > y->wait_ns ? -1 : 1;
	if (x->thread != y->thread)
		return x->thread < y->thread ? -1 : 1;
	return x->for_thread < y->for_thread ? -1 : 1;
}

static void add_edges(const struct replay_groups *g, struct replay_usage *out)
{
	uint32_t knots = waiting_knots(g);
	struct waiting_edge all[REPLAY_GROUPS * REPLAY_GROUPS];
	size_t n = 0;

	for (uint32_t i = 0; i < g->n; i++)
		for (uint32_t j = 0; j < g->n; j++) {
			uint64_t ns = (uint64_t)g->wait_ns[i][j];

			out->waited_ns += ns;
			if (ns)
				all[n++] = (struct waiting_edge){
					.thread = g->of_thread[i],
					.for_thread = g->of_thread[j],
					.n_threads = g->n_threads[i],
					.n_for_threads = g->n_threads[j],
					.wait_ns = ns,
					.in_knot = knots >> i & 1,
					.for_knot = knots >> j & 1,
				};
		}
	qsort(all, n, sizeof(*all), by_wait);
	for (; out->n_edges < n && out->n_edges < SHOWN_EDGES; out->n_edges++)
		out->edges[out->n_edges] = all[out->n_edges];
}

static bool is_worth(const struct replayed_lock *l, enum whatif what)
{
	return l->is_known[what] &&
	       (l->sooner[what] >= LEAST_GAIN || l->less[what] >= LEAST_GAIN);
}

static void advise(const struct replayed_lock *l, const struct rule *rule,
		   enum whatif what, const char *message, const char *advice,
		   struct report *out)
{
	double gain =
		l->sooner[what] >= LEAST_GAIN ? l->sooner[what] : l->less[what];
	struct finding f = {
		.rule = rule,
		.level = LEVEL_ADVICE,
		.tier = TIER_OBSERVED,
		.object = l->object,
		.weight = (uint64_t)(1000 * gain),
		.count = 1,
		.message = message,
		.advice = advice,
	};

	report_add_finding(out, &f);
}

/* The fewest locks that gain nine tenths of what 16 do. */
static unsigned enough_shards(const struct replayed_lock *l)
{
	static const unsigned n[] = { 2, 4, 16 };

	for (unsigned i = 0; i < 2; i++) {
		int what = WHATIF_SHARD_2 + (int)i;

		if (l->sooner[what] >= 0.9 * l->sooner[WHATIF_SHARD_16] &&
		    l->less[what] >= 0.9 * l->less[WHATIF_SHARD_16])
			return n[i];
	}
	return n[2];
}

static void advise_lock(const struct state *st, const struct slot *slot,
			const struct replayed_lock *l, struct report *out)
{
	double reading =
		part((double)slot->n_reading, (double)slot->n_sections);
	double mean_ns =
		part((double)slot->reading_ns, (double)slot->n_reading_timed);

	if (is_worth(l, WHATIF_SHARD_16))
		advise(l, &rules[SHARD], WHATIF_SHARD_16,
		       "Threads waited for this lock while they and its "
		       "holder used different keys",
		       arena_printf(st->mem,
				    "Make %u maps, each with a lock, and "
				    "choose by the key's hash; with more there "
				    "is little to gain.",
				    enough_shards(l)),
		       out);
	if (is_worth(l, WHATIF_SPLIT))
		advise(l, &rules[SPLIT], WHATIF_SPLIT,
		       arena_printf(st->mem,
				    "Threads waited for this lock while they "
				    "and its holder used different ones of "
				    "%" PRIu32 " maps",
				    slot->n_maps),
		       "Give each map a lock of its own.", out);
	if (is_worth(l, WHATIF_RWLOCK) && reading >= MOST_READING &&
	    mean_ns >= LEAST_READ_NS)
		advise(l, &rules[AS_RWLOCK], WHATIF_RWLOCK,
		       arena_printf(
			       st->mem,
			       "%s of the sections only read maps, for %s on "
			       "average, one after the other",
			       text_share(slot->n_reading, slot->n_sections)
				       .text,
			       text_duration((uint64_t)mean_ns).text),
		       "Take a rwlock, shared where maps are only read.", out);
}

/* Whether the replay, with nothing changed, is what was measured. */
static bool is_calibrated(struct state *st, const struct replay *r)
{
	double error =
		part(r->end_ns[0] > r->real_ns ? r->end_ns[0] - r->real_ns
					       : r->real_ns - r->end_ns[0],
		     r->real_ns);

	if (error <= LARGEST_ERROR)
		return true;
	remark(st, arena_printf(st->mem,
				"What was recorded does not explain the run: "
				"replayed unchanged it takes %s, measured "
				"were %s.",
				text_duration((uint64_t)r->end_ns[0]).text,
				text_duration((uint64_t)r->real_ns).text));
	return false;
}

static void conclude(struct state *st, const struct replay *r,
		     struct report *out)
{
	struct replay_usage usage = {
		.measured_ns = (uint64_t)r->real_ns,
		.replayed_ns = (uint64_t)r->end_ns[0],
	};
	bool calibrated = is_calibrated(st, r);

	if (steps_is_cut(st->steps))
		remark(st, arena_printf(st->mem,
					"All this is of the first %s only.",
					text_duration(usage.measured_ns).text));
	for (unsigned i = 0; calibrated && i < REPLAY_LOCKS; i++) {
		const struct slot *slot = steps_slot(st->steps, r->slot[i]);

		if (!r->slot[i] || slot->wait_ns < LEAST_WAIT_NS)
			break;
		add_lock(st, r, i, &usage);
		advise_lock(st, slot, &usage.locks[i], out);
	}
	add_edges(&r->groups, &usage);
	usage.remarks = st->remarks;
	usage.n_remarks = st->n_remarks;
	report_add_replay(out, &usage);
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;
	struct replay *r;

	steps_finish(st->steps, world);
	if (steps_n_slots(st->steps) > 1) {
		r = replay_run(st->steps, st->info);
		conclude(st, r, out);
		store_free(r);
	}
	steps_free(st->steps);
}

static const struct hearing hears[] = {
	{ ANALYSIS_ACQUIRES, acquired },
	{ ANALYSIS_RELEASES, released },
	{ ANALYSIS_MAP_ENDED | ANALYSIS_OP(CMSHIM_OP_MAP_FREE), used },
	{ .ops = 0 },
};

const struct analysis analysis_whatif = {
	.name = "whatif",
	.help = "what locks cost the run, by replay; who waited for whom",
	.rules = rules,
	.begin = begin,
	.event = event,
	.hears = hears,
	.finish = finish,
};
