/* SPDX-License-Identifier: MIT */
/*
 * Locks made of futexes, which Rust, C++20 and many libraries bring.
 *
 * Only those who wait and those who wake make a call; what takes such a lock
 * at once is not seen, nor is who holds it.  So a wait counts for the wake
 * that came last before it ended, made by whoever gave the lock up.
 *
 * A futex may as well be a condition, a queue or where a thread sleeps until
 * there is work.  A lock shows by this: who has waited for it wakes the next
 * one, since it cannot know that nobody else waits.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "analysis.h"
#include "ledger.h"
#include "text.h"
#include "threadset.h"

#define LEAST_TOTAL_NS	1000000u  /* below it nothing is a finding */
#define LEAST_SINGLE_NS 10000000u /* one wait that somebody notices */
#define NOTICEABLE_PART 100u	  /* 1 % of the trace */
#define LEAST_WAITS	2u	  /* one tells nothing of how it is used */

static const struct rule rules[] = {
	{
		.id = "perf-futex",
		.title = "Threads waited for a lock made of a futex",
		.help = "Threads waited in the kernel on one word (futex), "
			"which is used as a lock: who has waited wakes the "
			"next one. Rust's Mutex and RwLock and C++20's "
			"semaphores are made so. Shown are the place that "
			"waited most and the place that woke it, where the "
			"lock was given up. There is a finding if the waits "
			"were 1 ms or more in all, and that is 1 % of the "
			"time recorded or one of them took 10 ms. What it can "
			"miss: locks of which most waits end without the call "
			"being made, and what was taken without waiting, so "
			"no share of contended acquisitions is given. What it "
			"can get wrong: two threads that hand work to each "
			"other over one word look like users of a lock. What "
			"to do: hold the lock for less, or divide what it "
			"protects.",
		.level = LEVEL_NOTE,
		.unit = "ns",
	},
	{ .id = NULL },
};

/* A waiting place and the place that woke it. */
struct cell {
	struct blame blame;
	uint32_t next; /* place, plus 1, of the same futex's; 0: none */
	uint64_t worst_ns, since_ns;
	uint32_t waiter, waker;
};

struct futex {
	struct durations *waits; /* NULL: none yet */
	struct threadset threads;
	uint64_t n_woken;      /* without those that waited again at once */
	uint64_t n_given_back; /* of them, those that woke the next */
	uint32_t cells;	       /* the first's place, plus 1; 0: none */
	uint32_t waker, waker_stack; /* the last */
};

/* A thread's wait, and what it was woken for. */
struct waiter {
	uint32_t waits_on, stack;
	uint64_t since_ns;
	uint32_t woken_for;
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct futex *futexes;	/* by object */
	struct waiter *waiters; /* by thread */
	struct ledger cells;	/* by object and stacks */
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.futexes = arena_alloc(mem,
				       info->n_objects * sizeof(*st->futexes)),
		.waiters = arena_alloc(mem,
				       info->n_threads * sizeof(*st->waiters)),
		.cells = ledger_of(sizeof(struct cell)),
	};
	return st;
}

static struct cell *cell_at(struct state *st, uint32_t object, uint32_t stack)
{
	struct futex *f = &st->futexes[object];
	bool is_new;
	struct cell *c =
		ledger_at(&st->cells, object,
			  (uint64_t)stack << 32 | f->waker_stack, &is_new);

	if (is_new) {
		*c = (struct cell){
			.blame = { .waiter_stack = stack,
				   .holder_stack = f->waker_stack },
			.next = f->cells,
		};
		f->cells = (uint32_t)st->cells.n;
	}
	return c;
}

/* A thread that waits again at once got nothing. */
static void waits(struct state *st, const struct event *ev)
{
	struct waiter *w = &st->waiters[ev->thread];
	struct futex *f = &st->futexes[ev->object];

	if (w->woken_for == ev->object && f->n_woken)
		f->n_woken--;
	*w = (struct waiter){
		.waits_on = ev->has_time ? ev->object : 0,
		.stack = ev->stack,
		.since_ns = ev->time_ns,
	};
}

static void woken(struct state *st, const struct event *ev)
{
	struct waiter *w = &st->waiters[ev->thread];
	struct futex *f = &st->futexes[ev->object];
	uint64_t ns = ev->time_ns - w->since_ns;
	struct cell *c;

	if (w->waits_on != ev->object)
		return;
	w->waits_on = 0;
	if (ev->code || ev->time_ns < w->since_ns)
		return;
	if (!f->waits)
		f->waits = arena_alloc(st->mem, sizeof(*f->waits));
	durations_add(f->waits, ns);
	threadset_add(&f->threads, ev->thread, st->info->n_threads, st->mem);
	w->woken_for = ev->object;
	f->n_woken++;
	c = cell_at(st, ev->object, w->stack);
	c->blame.wait_ns += ns;
	c->blame.count++;
	if (ns >= c->worst_ns) {
		c->worst_ns = ns;
		c->since_ns = w->since_ns;
		c->waiter = ev->thread;
		c->waker = f->waker;
	}
}

static void wakes(struct state *st, const struct event *ev)
{
	struct waiter *w = &st->waiters[ev->thread];
	struct futex *f = &st->futexes[ev->object];

	if (w->woken_for == ev->object) {
		w->woken_for = 0;
		f->n_given_back++;
	}
	f->waker = ev->thread;
	f->waker_stack = ev->stack;
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;

	(void)world;
	if (st->info->objects[ev->object].class != CMSHIM_FUTEX)
		return;
	if (ev->op == CMSHIM_OP_WAIT)
		waits(st, ev);
	else if (ev->op == CMSHIM_OP_WAKE)
		woken(st, ev);
	else if (ev->op == CMSHIM_OP_SIGNAL || ev->op == CMSHIM_OP_BROADCAST)
		wakes(st, ev);
}

/* Three of four who waited woke another one when they were done. */
static bool is_lock(const struct futex *f)
{
	return f->waits && f->n_woken >= LEAST_WAITS &&
	       f->n_given_back * 4 >= f->n_woken * 3;
}

static bool is_noticeable(const struct state *st, const struct futex *f)
{
	return f->waits->sum_ns >= LEAST_TOTAL_NS &&
	       (f->waits->max_ns >= LEAST_SINGLE_NS ||
		f->waits->sum_ns >= st->info->duration_ns / NOTICEABLE_PART);
}

static void add_finding(struct state *st, uint32_t object, const struct cell *c,
			struct report *out)
{
	const struct durations *waits = st->futexes[object].waits;
	struct side sides[] = {
		{ .role = "waited",
		  .thread = c->waiter,
		  .stack = c->blame.waiter_stack,
		  .waits_for = object,
		  .has_time = true,
		  .time_ns = c->since_ns },
		{ .role = "woke it then",
		  .thread = c->waker,
		  .stack = c->blame.holder_stack },
	};
	struct finding f = {
		.rule = &rules[0],
		.level = LEVEL_NOTE,
		.tier = TIER_OBSERVED,
		.object = object,
		.weight = waits->sum_ns,
		.count = waits->n,
		.sides = sides,
		.n_sides = 2,
		.advice = "Hold the lock for less at the second place, or "
			  "protect by it only what both places share.",
	};

	f.message = arena_printf(
		st->mem,
		"Threads waited %s in all, %" PRIu64
		" times, once for %s; what was taken without waiting is not "
		"seen",
		text_duration(waits->sum_ns).text, waits->n,
		text_duration(waits->max_ns).text);
	report_add_finding(out, &f);
}

static int by_wait(const void *one, const void *other)
{
	const struct blame *a = &((const struct cell *)one)->blame;
	const struct blame *b = &((const struct cell *)other)->blame;

	if (a->wait_ns != b->wait_ns)
		return a->wait_ns > b->wait_ns ? -1 : 1;
	if (a->waiter_stack != b->waiter_stack)
		return a->waiter_stack < b->waiter_stack ? -1 : 1;
	return a->holder_stack < b->holder_stack ? -1 : 1;
}

static void add_lock(struct state *st, uint32_t object, struct report *out)
{
	const struct futex *f = &st->futexes[object];
	struct duration_figures waits = durations_figures(f->waits);
	struct lock_usage usage = {
		.object = object,
		.acquisitions = f->waits->n,
		.contended = f->waits->n,
		.n_threads = f->threads.n,
		.wait = &waits,
	};
	struct cell *cells = NULL;
	struct blame *blames = NULL;
	size_t n = 0, room = 0;

	for (uint32_t i = f->cells; i; i = cells[n - 1].next) {
		const struct cell *c = ledger_get(&st->cells, i - 1);

		cells = grow(cells, &room, n, sizeof(*cells));
		cells[n++] = *c;
	}
	qsort(cells, n, sizeof(*cells), by_wait);
	room = 0;
	blames = zeroed(n, sizeof(*blames));
	for (size_t i = 0; i < n; i++)
		blames[i] = cells[i].blame;
	usage.blame = blames;
	usage.n_blame = n;
	report_add_lock(out, &usage);
	if (is_noticeable(st, f))
		add_finding(st, object, &cells[0], out);
	free(blames);
	free(cells);
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	(void)world;
	for (uint32_t i = 1; i < st->info->n_objects; i++)
		if (is_lock(&st->futexes[i]))
			add_lock(st, i, out);
	ledger_release(&st->cells);
}

const struct analysis analysis_futex = {
	.name = "futex",
	.help = "time spent waiting for locks that are made of futexes",
	.rules = rules,
	.wants = ANALYSIS_OP(CMSHIM_OP_WAIT) | ANALYSIS_OP(CMSHIM_OP_WAKE) |
		 ANALYSIS_OP(CMSHIM_OP_SIGNAL) |
		 ANALYSIS_OP(CMSHIM_OP_BROADCAST),
	.begin = begin,
	.event = event,
	.finish = finish,
};
