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
 *
 * Other locks have a queue of threads, each of which sleeps on a word of its
 * own: there the word says nothing, and waits are put together by the place in
 * the program.  Who has waited wakes the next one of the queue, one that waits
 * where it has waited, too; the last one wakes nobody.  A queue of work and
 * its two ends are no lock: there who waits at one end wakes those at the
 * other.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "analysis.h"
#include "hash.h"
#include "ledger.h"
#include "locks/blames.h"
#include "locks/tally.h"
#include "locks/threadset.h"
#include "text.h"
#include "world/origin.h"

#define LEAST_TOTAL_NS	1000000u  /* below it nothing is a finding */
#define LEAST_SINGLE_NS 10000000u /* one wait that somebody notices */
#define NOTICEABLE_PART 100u	  /* 1 % of the trace */
#define LEAST_WAITS	2u	  /* one tells nothing of how it is used */
#define AT_ONCE_NS	50000u	  /* time to look at a lock, not to use it */

static const struct rule rules[] = {
	{
		.id = "perf-futex",
		.title = "Threads waited for a lock made of a futex",
		.help = "Threads waited in the kernel on one word (futex), "
			"which is used as a lock: who has waited wakes the "
			"next one. Rust's Mutex and RwLock and C++20's "
			"semaphores are made so. Or each waited on a word of "
			"its own, as in the locks of Abseil, TBB and "
			"parking_lot; then which lock it was is not known, "
			"and a finding is about places in the program whose "
			"waiting threads woke one another, every third time "
			"or more. Shown are the place that waited most and "
			"the place that woke it, where the lock was given up. "
			"There is a finding if the waits were 1 ms or more in "
			"all, and that is 1 % of the time recorded or one of "
			"them took 10 ms. What it can miss: locks of which "
			"most waits end without the call being made; with a "
			"word for each thread also two threads of which only "
			"one ever waits, or which wait at different places; "
			"what was taken without waiting, so no share of "
			"contended acquisitions is given. What it can get "
			"wrong: two threads that hand work to each other over "
			"one word look like users of a lock, and so do "
			"threads of a pool that wake one another for work, "
			"unless all they do meanwhile is in one library; "
			"locks that one thread holds at once may count as "
			"one. What to do: hold the lock for less, or divide "
			"what it protects.",
		.level = LEVEL_NOTE,
		.unit = "ns",
	},
	{ .id = NULL },
};

struct futex {
	struct tally waits;
	struct threadset threads;
	uint64_t n_woken;      /* without those that waited again at once */
	uint64_t n_given_back; /* of them, those that woke the next */
	uint32_t cells;	       /* of blames.h */
	uint32_t waker, waker_stack; /* the last */
	uint32_t sleeper;	     /* who waited last */
	uint32_t slept;		     /* which of the sleeper's waits it was */
	bool is_shared;		     /* others have, while that one lived */
};

/* A thread's wait, on one word or several, and what it was woken for. */
struct waiter {
	uint32_t wait; /* number; counted when it ends */
	bool waits;    /* and has since a time that is known */
	uint32_t stack;
	uint64_t since_ns;
	uint32_t woken_for;
	uint32_t woken_at; /* place of a wait on a word of its own, until it
			      waits again or has woken the next; 0: none */
	uint64_t woken_ns;
};

/* Where threads waited, each on a word of its own. */
struct place {
	uint32_t joined; /* another one of the same lock, as far as is known;
			    0: none */
	uint64_t n_woke_next; /* those woken here, before they waited again */
	uint64_t n_in_vain;   /* they waited here again at once */
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct futex *futexes;	/* by object */
	struct waiter *waiters; /* by thread */
	struct blames *blames;
	struct ledger places;	 /* by the frames that they are */
	uint32_t *place_of;	 /* by stack; number in places, plus 1 */
	struct ledger waited_at; /* by thread and place */
	uint32_t n_waits;
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
		.blames = blames_new(),
		.places = ledger_of(sizeof(struct place)),
		.place_of = arena_alloc(mem,
					info->n_stacks * sizeof(*st->place_of)),
		.waited_at = ledger_of(sizeof(char)),
	};
	return st;
}

static uint32_t place_of(struct state *st, uint32_t stack)
{
	const struct stack_info *s = &st->info->stacks[stack];
	uint64_t hash = HASH_BEGIN;
	struct place *p;
	bool is_new;
	uint32_t n;

	if (st->place_of[stack])
		return st->place_of[stack];
	n = origin_place(st->info, stack);
	for (uint32_t i = 0; i < n; i++)
		hash = hash_number(hash, s->frames[i]);
	if (!n)
		hash = stack;
	p = ledger_at(&st->places, hash, (uint64_t)s->epoch << 32 | n, &is_new);
	if (is_new)
		*p = (struct place){ .joined = 0 };
	st->place_of[stack] = 1 + (uint32_t)ledger_place(&st->places, p);
	return st->place_of[stack];
}

static struct place *place_at(const struct state *st, uint32_t place)
{
	return ledger_get(&st->places, place - 1);
}

/* A word may be used again when the thread that it was made for is gone. */
static void sleeps(struct state *st, struct futex *f, const struct event *ev,
		   const struct world *world)
{
	const struct world_thread *before = &world->threads[f->sleeper];

	if (f->sleeper && f->sleeper != ev->thread && !before->exited &&
	    !before->ended)
		f->is_shared = true;
	f->sleeper = ev->thread;
	f->slept = st->waiters[ev->thread].wait;
}

/* The word's sleeper, if it waits; what it waited for may be past. */
static const struct waiter *sleeper_of(const struct state *st,
				       const struct futex *f)
{
	const struct waiter *w = &st->waiters[f->sleeper];

	return w->waits && w->wait == f->slept ? w : NULL;
}

/* A thread that waits again at once got nothing. */
static void waits(struct state *st, const struct event *ev,
		  const struct world *world)
{
	struct waiter *w = &st->waiters[ev->thread];
	struct futex *f = &st->futexes[ev->object];
	uint32_t place = place_of(st, ev->stack);
	bool is_new;

	if (w->woken_for == ev->object && f->n_woken) {
		f->n_woken--;
		w->woken_for = 0;
	}
	if (place == w->woken_at && ev->time_ns - w->woken_ns < AT_ONCE_NS)
		place_at(st, place)->n_in_vain++;
	w->woken_at = 0;
	w->waits = ev->has_time;
	w->stack = ev->stack;
	w->since_ns = ev->time_ns;
	sleeps(st, f, ev, world);
	if (!f->is_shared)
		ledger_at(&st->waited_at, ev->thread, place, &is_new);
}

static void woken(struct state *st, const struct event *ev)
{
	struct waiter *w = &st->waiters[ev->thread];
	struct futex *f = &st->futexes[ev->object];
	struct blame_wait wait = {
		.number = ++st->n_waits,
		.object = ev->object,
		.thread = ev->thread,
		.stack = w->stack,
		.since_ns = w->since_ns,
		.wait_ns = ev->time_ns - w->since_ns,
	};

	if (!w->waits)
		return;
	w->waits = false;
	w->wait++;
	w->woken_for = 0;
	if (ev->code || ev->time_ns < w->since_ns)
		return;
	tally_add(&f->waits, wait.wait_ns, 1, st->mem);
	threadset_add(&f->threads, ev->thread, st->info->n_threads, st->mem);
	w->woken_for = ev->object;
	w->woken_at = f->is_shared ? 0 : place_of(st, w->stack);
	w->woken_ns = ev->time_ns;
	f->n_woken++;
	blames_add(st->blames, &f->cells, &wait, f->waker, f->waker_stack,
		   wait.wait_ns);
}

static uint32_t lock_of(const struct state *st, uint32_t place)
{
	while (place_at(st, place)->joined)
		place = place_at(st, place)->joined;
	return place;
}

static void join(struct state *st, uint32_t one, uint32_t other)
{
	one = lock_of(st, one);
	other = lock_of(st, other);
	if (one < other)
		place_at(st, other)->joined = one;
	else if (other < one)
		place_at(st, one)->joined = other;
}

/* The thread was woken and wakes one that waits where it has waited, too. */
static void wakes_next(struct state *st, struct waiter *w,
		       const struct event *ev)
{
	const struct futex *f = &st->futexes[ev->object];
	const struct waiter *next = sleeper_of(st, f);
	uint32_t place;

	if (!w->woken_at || f->is_shared || !next || next == w)
		return;
	place = place_of(st, next->stack);
	if (!ledger_find(&st->waited_at, ev->thread, place))
		return;
	place_at(st, w->woken_at)->n_woke_next++;
	join(st, w->woken_at, place);
	w->woken_at = 0;
}

static void wakes(struct state *st, const struct event *ev)
{
	struct waiter *w = &st->waiters[ev->thread];
	struct futex *f = &st->futexes[ev->object];

	if (w->woken_for == ev->object) {
		w->woken_for = 0;
		f->n_given_back++;
	}
	wakes_next(st, w, ev);
	f->waker = ev->thread;
	f->waker_stack = ev->stack;
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;

	if (st->info->objects[ev->object].class != CMSHIM_FUTEX)
		return;
	if (ev->op == CMSHIM_OP_WAIT)
		waits(st, ev, world);
	else if (ev->op == CMSHIM_OP_WAKE)
		woken(st, ev);
	else if (ev->op == CMSHIM_OP_SIGNAL || ev->op == CMSHIM_OP_BROADCAST)
		wakes(st, ev);
}

/* Three of four who waited woke another one when they were done. */
static bool is_lock(const struct futex *f)
{
	return f->n_woken >= LEAST_WAITS &&
	       f->n_given_back * 4 >= f->n_woken * 3;
}

static bool is_noticeable(const struct state *st, uint64_t sum_ns,
			  uint64_t max_ns)
{
	return sum_ns >= LEAST_TOTAL_NS &&
	       (max_ns >= LEAST_SINGLE_NS ||
		sum_ns >= st->info->duration_ns / NOTICEABLE_PART);
}

/* Object 0: of words that are their threads' own. */
static void add_finding(struct state *st, uint32_t object,
			const struct duration_figures *waits,
			const struct blame_cell *c, struct report *out)
{
	struct side sides[] = {
		{ .role = "waited",
		  .thread = c->waiter,
		  .stack = c->blame.waiter_stack,
		  .waits_for = object,
		  .has_time = true,
		  .time_ns = c->since_ns },
		{ .role = "woke it then",
		  .thread = c->holder,
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
		"Threads waited %s in all, %" PRIu64 " times, once for %s; %s",
		text_duration(waits->sum_ns).text, waits->n,
		text_duration(waits->max_ns).text,
		object ? "what was taken without waiting is not seen"
		       : "each slept on a word of its own, so which lock it "
			 "was, or whether it was one, the places have to tell");
	report_add_finding(out, &f);
}

static void add_lock(struct state *st, uint32_t object, struct report *out)
{
	const struct futex *f = &st->futexes[object];
	struct duration_figures waits = tally_figures(&f->waits);
	struct lock_usage usage = {
		.object = object,
		.acquisitions = waits.n,
		.contended = waits.n,
		.n_threads = f->threads.n,
		.wait = &waits,
	};
	struct blame_cell *cells =
		blames_of(st->blames, f->cells, &usage.n_blame);
	struct blame *sorted = blames_sorted(cells, usage.n_blame);

	usage.blame = sorted;
	report_add_lock(out, &usage);
	if (is_noticeable(st, waits.sum_ns, waits.max_ns))
		add_finding(st, object, &waits,
			    blames_worst(cells, usage.n_blame), out);
	store_free(sorted);
	store_free(cells);
}

/* Places that, for all that is known, are one lock's. */
struct queue {
	uint32_t cells; /* of blames.h */
	struct duration_figures waits;
	uint64_t n_woke_next, n_in_vain;
};

static struct queue *queue_of(struct state *st, struct ledger *queues,
			      uint32_t stack)
{
	bool is_new;
	struct queue *q = ledger_at(queues, lock_of(st, stack), 0, &is_new);

	if (is_new)
		*q = (struct queue){ .cells = 0 };
	return q;
}

/* The waits on a thread's own word, put to those of other threads. */
static void add_own_word(struct state *st, uint32_t object,
			 struct ledger *queues, struct blames *blames)
{
	size_t n;
	struct blame_cell *cells =
		blames_of(st->blames, st->futexes[object].cells, &n);

	for (size_t i = 0; i < n; i++) {
		const struct blame_cell *c = &cells[i];
		uint32_t place = place_of(st, c->blame.waiter_stack);
		struct blame_wait wait = {
			.number = ++st->n_waits,
			.object = lock_of(st, place),
			.thread = c->waiter,
			.stack = c->blame.waiter_stack,
			.since_ns = c->since_ns,
			.wait_ns = c->worst_ns,
		};
		struct queue *q = queue_of(st, queues, place);

		q->waits.n += c->blame.count;
		q->waits.sum_ns += c->blame.wait_ns;
		if (c->worst_ns > q->waits.max_ns)
			q->waits.max_ns = c->worst_ns;
		blames_add(blames, &q->cells, &wait, c->holder,
			   c->blame.holder_stack, c->blame.wait_ns);
	}
	store_free(cells);
}

static void add_queue(struct state *st, const struct queue *q,
		      const struct blames *blames, struct report *out)
{
	size_t n;
	struct blame_cell *cells = blames_of(blames, q->cells, &n);
	const struct blame_cell *worst = blames_worst(cells, n);

	if (worst && q->n_woke_next >= LEAST_WAITS &&
	    q->n_woke_next * 3 >= q->waits.n - q->n_in_vain &&
	    is_noticeable(st, q->waits.sum_ns, q->waits.max_ns) &&
	    !origin_is_library(st->info, worst->blame.waiter_stack))
		add_finding(st, 0, &q->waits, worst, out);
	store_free(cells);
}

static void add_queues(struct state *st, struct report *out)
{
	struct ledger queues = ledger_of(sizeof(struct queue));
	struct blames *blames = blames_new();

	for (uint32_t i = 1; i < st->info->n_objects; i++)
		if (!st->futexes[i].is_shared && !is_lock(&st->futexes[i]))
			add_own_word(st, i, &queues, blames);
	for (uint32_t i = 1; i <= st->places.n; i++) {
		struct queue *q = queue_of(st, &queues, i);

		q->n_woke_next += place_at(st, i)->n_woke_next;
		q->n_in_vain += place_at(st, i)->n_in_vain;
	}
	for (size_t i = 0; i < queues.n; i++)
		add_queue(st, ledger_get(&queues, i), blames, out);
	blames_free(blames);
	ledger_release(&queues);
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	(void)world;
	for (uint32_t i = 1; i < st->info->n_objects; i++)
		if (is_lock(&st->futexes[i]))
			add_lock(st, i, out);
	add_queues(st, out);
	blames_free(st->blames);
	ledger_release(&st->places);
	ledger_release(&st->waited_at);
}

const struct analysis analysis_futex = {
	.name = "futex",
	.help = "time spent waiting for locks that are made of futexes",
	.rules = rules,
	.wants = ANALYSIS_OP(CMSHIM_OP_WAIT) | ANALYSIS_OP(CMSHIM_OP_WAKE) |
		 ANALYSIS_OP(CMSHIM_OP_SIGNAL) |
		 ANALYSIS_OP(CMSHIM_OP_BROADCAST),
	.about = ANALYSIS_CLASS(CMSHIM_FUTEX),
	.begin = begin,
	.event = event,
	.finish = finish,
};
