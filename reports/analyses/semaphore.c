/* SPDX-License-Identifier: MIT */
/*
 * Semaphores and barriers used for more than they are for: posts past the
 * largest value, threads past the number that a barrier is for, and barriers
 * that end, or begin anew, while threads wait at them.
 *
 * A thread that has passed a barrier may be recorded late, so waiting for
 * sure is only who arrived in a round that is not complete.  How many make a
 * round is known from the init call.
 */
#include <errno.h>
#include <stdlib.h>

#include "analysis.h"
#include "locks/mistakes.h"

enum { OVERFLOW, BARRIER };

static const struct rule rules[] = {
	[OVERFLOW] = {
		.id = "sem-overflow",
		.title = "A semaphore was posted past its largest value",
		.help = "sem_post() failed with EOVERFLOW: nobody had taken "
			"from the semaphore for two thousand million posts, "
			"or it was initialised so. The post did not happen, "
			"and a thread that counts on it waits for ever. What "
			"it can miss: nothing. What it can get wrong: nothing "
			"known. What to do: check the first value, and who "
			"takes.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	[BARRIER] = {
		.id = "barrier-misuse",
		.title = "A barrier was used wrongly",
		.help = "Either a barrier was destroyed, initialised or freed "
			"while threads waited at it, which leaves them there "
			"for ever: an error; POSIX leaves the result "
			"undefined. Or more threads used it in turn than it "
			"is for: rounds then bring together whoever comes, "
			"and two threads of one round may be at different "
			"places in their work: a warning. What it can miss: "
			"barriers whose init call was not seen; too few "
			"threads, which shows as a program that hangs. What it "
			"can get wrong: the warning, where threads mean to "
			"meet in any order. What to do: give the number of "
			"threads that take part, and destroy it after all of "
			"them have passed.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	{ .id = NULL },
};

/* An init call that made another barrier of one; judged at the end, as its
   numbers are another's. */
struct renewal {
	uint32_t barrier;
	struct event by;
};

/* One for each thread that came to a barrier. */
struct visit {
	uint32_t thread, stack;
	uint64_t first, last; /* of the barrier's arrivals, from 1 */
	uint32_t next;	      /* of the same barrier; 0: none */
};

struct barrier {
	uint64_t n_arrived;
	uint32_t n_threads; /* that make a round; 0: unknown */
	uint32_t visits;    /* index of the first; 0: none */
	bool is_unsure;
};

/* A thread's last post, or the round that it waits for. */
struct thread {
	uint32_t posted, stack, call;
	uint32_t waits_at, wait_stack; /* barrier; 0: none */
	uint64_t round;
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct barrier *barriers; /* by object */
	struct thread *threads;
	struct table *visit_of; /* (barrier, thread) to index */
	struct visit *visits;
	size_t n, room;
	struct renewal *renewals;
	size_t n_renewals, room_renewals;
	struct mistakes *mistakes;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.barriers = arena_alloc(mem, info->n_objects *
						     sizeof(*st->barriers)),
		.threads = arena_alloc(mem,
				       info->n_threads * sizeof(*st->threads)),
		.visit_of = table_new(),
		.n = 1,
		.mistakes = mistakes_new(mem, info),
	};
	st->visits = grow(NULL, &st->room, 0, sizeof(*st->visits));
	return st;
}

static void arrives(struct state *st, const struct event *ev)
{
	struct barrier *b = &st->barriers[ev->object];
	struct thread *t = &st->threads[ev->thread];
	uint64_t *index = table_at(st->visit_of, ev->object, ev->thread);

	b->n_arrived++;
	if (!*index) {
		st->visits =
			grow(st->visits, &st->room, st->n, sizeof(*st->visits));
		st->visits[st->n] = (struct visit){
			.thread = ev->thread,
			.stack = ev->stack,
			.first = b->n_arrived,
			.next = b->visits,
		};
		b->visits = (uint32_t)st->n;
		*index = st->n++;
	}
	st->visits[*index].last = b->n_arrived;
	t->waits_at = ev->object;
	t->wait_stack = ev->stack;
	if (b->n_threads)
		t->round = (b->n_arrived - 1) / b->n_threads;
}

/* A thread of the round that is not complete; 0: there is none. */
static uint32_t waiter(const struct state *st, uint32_t object)
{
	const struct barrier *b = &st->barriers[object];

	if (!b->n_threads || b->is_unsure || b->n_arrived % b->n_threads == 0)
		return 0;
	for (uint32_t v = b->visits; v; v = st->visits[v].next) {
		const struct thread *t = &st->threads[st->visits[v].thread];

		if (t->waits_at == object &&
		    t->round == b->n_arrived / b->n_threads)
			return st->visits[v].thread;
	}
	return 0;
}

static void ends(struct state *st, uint32_t object, const struct event *ev,
		 const struct world *world)
{
	struct side by = {
		.role = ev->op == CMSHIM_OP_FREED  ? "freed it"
			: ev->op == CMSHIM_OP_INIT ? "initialised it"
						   : "destroyed it",
		.thread = ev->thread,
		.call = ev->call,
		.stack = ev->stack,
	};
	uint32_t thread = waiter(st, object);
	struct mistake *m;

	if (!thread)
		return;
	m = mistakes_add(st->mistakes, &rules[BARRIER], object, ev->stack,
			 st->threads[thread].wait_stack);
	if (!m)
		return;
	m->finding.message = "Threads waited at it then, and nobody can wake "
			     "them any more";
	m->finding.advice = "Let all threads pass it, and join them, first.";
	mistakes_side(st->mistakes, m, &by, world);
	mistakes_side(st->mistakes, m,
		      &(struct side){
			      .role = "waits at it",
			      .thread = thread,
			      .stack = st->threads[thread].wait_stack,
		      },
		      world);
}

static void initialised(struct state *st, const struct event *ev,
			const struct world *world)
{
	uint32_t before = world->objects[ev->object].before;

	if (st->info->objects[ev->object].class != CMSHIM_BARRIER)
		return;
	if (before) {
		st->renewals = grow(st->renewals, &st->room_renewals,
				    st->n_renewals, sizeof(*st->renewals));
		st->renewals[st->n_renewals++] = (struct renewal){
			.barrier = before,
			.by = *ev,
		};
	}
	if (ev->arg <= UINT32_MAX)
		st->barriers[ev->object].n_threads = (uint32_t)ev->arg;
}

/* The post before it did not happen. */
static void failed(struct state *st, const struct event *ev,
		   const struct world *world)
{
	const struct thread *t = &st->threads[ev->thread];
	struct side side = {
		.role = "posted it",
		.thread = ev->thread,
		.call = t->call,
		.stack = t->stack,
	};
	struct mistake *m;

	if (ev->code != EOVERFLOW || t->posted != ev->object)
		return;
	m = mistakes_add(st->mistakes, &rules[OVERFLOW], ev->object, t->stack,
			 0);
	if (!m)
		return;
	m->finding.message = "The post failed: the semaphore had its largest "
			     "value";
	m->finding.advice = "Check the result of sem_post(), and who takes "
			    "what is posted.";
	mistakes_side(st->mistakes, m, &side, world);
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;
	struct thread *t = &st->threads[ev->thread];

	switch (ev->op) {
	case CMSHIM_OP_POST:
		t->posted = ev->object;
		t->stack = ev->stack;
		t->call = ev->call;
		break;
	case CMSHIM_OP_RELEASE_FAILED:
		failed(st, ev, world);
		break;
	case CMSHIM_OP_ARRIVE:
		arrives(st, ev);
		break;
	case CMSHIM_OP_DEPART:
		t->waits_at = 0;
		break;
	case CMSHIM_OP_INIT:
		initialised(st, ev, world);
		break;
	case CMSHIM_OP_DESTROY:
	case CMSHIM_OP_FREED:
		if (st->barriers[ev->object].n_arrived)
			ends(st, ev->object, ev, world);
		break;
	case EVENT_GAP:
		st->barriers[ev->object].is_unsure = true;
		break;
	}
}

static int by_first(const void *one, const void *other)
{
	const struct visit *a = one, *b = other;

	return a->first < b->first ? -1 : a->first > b->first;
}

/*
 * How many threads used the barrier in turn: at some arrival, those that had
 * come before, or at it, and came again later, or at it.
 */
static size_t most_at_once(const struct visit *visits, size_t n)
{
	size_t most = 0;

	for (size_t i = 0; i < n; i++) {
		size_t now = 0;

		for (size_t k = 0; k <= i; k++)
			now += visits[k].last >= visits[i].first;
		if (now > most)
			most = now;
	}
	return most;
}

static void add_crowd(struct state *st, uint32_t object,
		      const struct visit *visits, size_t n, size_t most)
{
	struct mistake *m = mistakes_add(st->mistakes, &rules[BARRIER], object,
					 visits[0].stack, visits[n - 1].stack);

	if (!m)
		return;
	m->finding.level = LEVEL_WARNING;
	m->finding.message = arena_printf(
		st->mem, "%zu threads use it in turn; it is for %u", most,
		st->barriers[object].n_threads);
	m->finding.advice = "Initialise it with the number of threads that "
			    "take part.";
	for (size_t i = 0; i < n && i < MISTAKE_SIDES; i++)
		m->sides[m->finding.n_sides++] = (struct side){
			.role = "came to it",
			.thread = visits[i].thread,
			.stack = visits[i].stack,
			.held_unknown = true,
		};
}

/* More than this are not looked at: the work is the square of it. */
#define MAX_VISITS 4096u

static void look_for_crowd(struct state *st, uint32_t object)
{
	const struct barrier *b = &st->barriers[object];
	struct visit *visits = NULL;
	size_t n = 0, room = 0, most;

	for (uint32_t v = b->visits; v && n < MAX_VISITS;
	     v = st->visits[v].next) {
		visits = grow(visits, &room, n, sizeof(*visits));
		visits[n++] = st->visits[v];
	}
	if (n > b->n_threads) {
		qsort(visits, n, sizeof(*visits), by_first);
		most = most_at_once(visits, n);
		if (most > b->n_threads)
			add_crowd(st, object, visits, n, most);
	}
	store_free(visits);
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	for (size_t i = 0; i < st->n_renewals; i++)
		ends(st, st->renewals[i].barrier, &st->renewals[i].by, world);
	for (uint32_t i = 1; i < st->info->n_objects; i++)
		if (st->barriers[i].n_threads && !st->barriers[i].is_unsure)
			look_for_crowd(st, i);
	mistakes_report(st->mistakes, out);
	mistakes_free(st->mistakes);
	table_free(st->visit_of);
	store_free(st->visits);
	store_free(st->renewals);
}

const struct analysis analysis_semaphore = {
	.name = "semaphore",
	.help = "semaphores and barriers used for more than they are for",
	.rules = rules,
	.wants = ANALYSIS_OP(CMSHIM_OP_POST) |
		 ANALYSIS_OP(CMSHIM_OP_RELEASE_FAILED) |
		 ANALYSIS_OP(CMSHIM_OP_ARRIVE) | ANALYSIS_OP(CMSHIM_OP_DEPART) |
		 ANALYSIS_OP(CMSHIM_OP_INIT) | ANALYSIS_OP(CMSHIM_OP_DESTROY) |
		 ANALYSIS_OP(CMSHIM_OP_FREED) | ANALYSIS_OP(EVENT_GAP),
	.about = ANALYSIS_CLASS(CMSHIM_SEMAPHORE) |
		 ANALYSIS_CLASS(CMSHIM_BARRIER),
	.begin = begin,
	.event = event,
	.finish = finish,
};
