/* SPDX-License-Identifier: MIT */
/*
 * Readers that ask again: to write, which waits for themselves, or to read,
 * which waits for a writer that waits for them.
 *
 * A request to write by a reader is judged by how it ends.  One that is
 * granted was none: somebody else had given the reader's hold up.
 */
#include <errno.h>
#include <stdlib.h>

#include "analysis.h"
#include "locks/mistakes.h"

enum { UPGRADE, RECURSIVE_READ };

static const struct rule rules[] = {
	[UPGRADE] = {
		.id = "lock-upgrade",
		.title = "A reader asked to write under the same lock",
		.help = "The thread held the lock as a reader and asked for it "
			"as a writer. A writer waits for all readers to "
			"leave, so the thread waits for itself: for ever; "
			"until its time is over, which is a warning; or, if "
			"it only tries, it never succeeds, which is a note. "
			"What it can miss: locks of which events were lost, "
			"traces that stopped for want of room. What it can "
			"get wrong: a lock that another thread would have "
			"released in the reader's place. What to do: release "
			"it, take it as a writer, and look again at what was "
			"read before; or take it as a writer at once.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	[RECURSIVE_READ] = {
		.id = "rw-recursive-read",
		.title = "A reader took the same lock again as a reader",
		.help = "If a writer comes to wait between the two, a lock "
			"that prefers writers lets no further reader in: the "
			"thread waits for the writer and the writer for the "
			"thread. Locks of the kind "
			"PREFER_WRITER_NONRECURSIVE do, and forbid it; that "
			"is an error (a note where the call has a time limit). "
			"glibc's default kind lets readers in, so nothing is "
			"said of it unless a writer really was waiting: then "
			"it is a note, as the writer had to wait for longer, "
			"and on systems that prefer writers the program would "
			"have stood still. What it can miss: locks of which "
			"events were lost. What it can get wrong: the note, "
			"as the writer may have begun to wait a moment later. "
			"What to do: hand down that the lock is held, or "
			"split the function in one that takes it and one that "
			"expects it taken.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	{ .id = NULL },
};

/* A reader's request to write that has not ended. */
struct request {
	uint32_t object; /* 0: none */
	uint32_t call;
	bool is_timed;
};

struct thread {
	struct request asks;
	uint64_t lock_number; /* of the object it waits for, when it began */
	bool is_torn;	      /* events are missing: what it holds is unsure */
};

struct state {
	const struct trace_info *info;
	struct thread *threads;
	struct mistakes *mistakes;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.info = info,
		.threads = arena_alloc(mem,
				       info->n_threads * sizeof(*st->threads)),
		.mistakes = mistakes_new(mem, info),
	};
	return st;
}

/* The hold that makes the thread a reader of the lock, and no more. */
static const struct held *reads(const struct state *st,
				const struct world *world, uint32_t thread,
				uint32_t object)
{
	const struct held *h;

	if (st->threads[thread].is_torn || !world->threads[thread].n_held ||
	    !world->objects[object].n_shared ||
	    world->objects[object].uncertain)
		return NULL;
	h = world_holds(world, thread, object);
	return h && h->shared ? h : NULL;
}

/* Both sides of a thread that is in its own way. */
static struct mistake *add(struct state *st, const struct world *world,
			   const struct side *asks, uint32_t object, int rule)
{
	const struct held *h = world_holds(world, asks->thread, object);
	struct mistake *m = mistakes_add(st->mistakes, &rules[rule], object,
					 asks->stack, h->stack);

	if (!m)
		return NULL;
	mistakes_side(st->mistakes, m, asks, world);
	m->sides[m->finding.n_sides++] = (struct side){
		.role = "took it as a reader",
		.thread = asks->thread,
		.stack = h->stack,
		.has_time = h->has_time,
		.time_ns = h->since_ns,
		.held_unknown = true,
	};
	return m;
}

static struct side asking(const struct event *ev)
{
	return (struct side){
		.role = ev->shared ? "asked to read again" : "asked to write",
		.thread = ev->thread,
		.call = ev->call,
		.stack = ev->stack,
		.has_time = ev->has_time,
		.time_ns = ev->time_ns,
	};
}

/* A writer that began to wait before the event's number was taken; 0: none. */
static uint32_t writer_before(const struct state *st, const struct world *world,
			      const struct event *ev)
{
	const struct world_object *o = &world->objects[ev->object];

	for (uint32_t i = 1; o->n_waiting && i < st->info->n_threads; i++)
		if (world->threads[i].waits_for == ev->object &&
		    !world->threads[i].waits_shared &&
		    (!ev->seq || st->threads[i].lock_number < ev->seq))
			return i;
	return 0;
}

static void read_again(struct state *st, const struct event *ev,
		       const struct world *world)
{
	bool prefers_writers =
		st->info->objects[ev->object].kind & CMSHIM_PREFER_WRITER;
	uint32_t writer = writer_before(st, world, ev);
	struct side asks = asking(ev);
	struct mistake *m;

	if (!prefers_writers && !writer)
		return;
	m = add(st, world, &asks, ev->object, RECURSIVE_READ);
	if (!m)
		return;
	m->finding.advice = "Take it once, further out, and call functions "
			    "inside that expect it taken.";
	m->finding.message =
		prefers_writers
			? "The lock prefers writers: when one waits, the "
			  "second request waits for it, and it for the first "
			  "to be released"
			: "A writer was waiting; this lock lets readers pass "
			  "it, others would not, and the program would stand "
			  "still";
	if (!prefers_writers || ev->flags & CMSHIM_TIMED)
		m->finding.level = LEVEL_NOTE;
	if (writer)
		mistakes_side(
			st->mistakes, m,
			&(struct side){
				.role = "waited to write",
				.thread = writer,
				.stack = world->threads[writer].wait_stack,
				.waits_for = ev->object,
			},
			world);
}

static void add_upgrade(struct state *st, const struct world *world,
			const struct side *asks, uint32_t object,
			enum level level, const char *message)
{
	struct mistake *m = add(st, world, asks, object, UPGRADE);

	if (!m)
		return;
	m->finding.level = level;
	m->finding.message = message;
	m->finding.advice = "Release it before it is taken to write, and check "
			    "again then what was read; or take it to write "
			    "from the start.";
}

static void failed(struct state *st, const struct event *ev,
		   const struct world *world)
{
	struct request *r = &st->threads[ev->thread].asks;
	const struct call_info *call = &st->info->calls[ev->call];
	struct side asks = asking(ev);

	if (r->object == ev->object) {
		r->object = 0;
		asks.call = r->call;
		asks.stack = world->threads[ev->thread].wait_stack;
		if (ev->code == ETIMEDOUT &&
		    reads(st, world, ev->thread, ev->object))
			add_upgrade(st, world, &asks, ev->object, LEVEL_WARNING,
				    "It waited for itself until its time was "
				    "over");
	} else if (ev->code == EBUSY && ev->flags & CMSHIM_TRY &&
		   call->op == CMSHIM_OP_ACQUIRE &&
		   reads(st, world, ev->thread, ev->object)) {
		add_upgrade(st, world, &asks, ev->object, LEVEL_NOTE,
			    "It tried to write under a lock that it holds as "
			    "a reader, which never succeeds");
	}
}

static void requested(struct state *st, const struct event *ev,
		      const struct world *world)
{
	struct thread *t = &st->threads[ev->thread];

	t->lock_number = ev->arg;
	t->asks.object = 0;
	if (!reads(st, world, ev->thread, ev->object))
		return;
	if (ev->shared)
		read_again(st, ev, world);
	else
		t->asks = (struct request){
			.object = ev->object,
			.call = ev->call,
			.is_timed = ev->flags & (CMSHIM_TIMED | CMSHIM_TRY),
		};
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;

	switch (ev->op) {
	case CMSHIM_OP_ACQUIRE:
		st->threads[ev->thread].asks.object = 0;
		break;
	case CMSHIM_OP_ACQUIRE_SHARED:
		if (!(ev->flags & CMSHIM_TRY) &&
		    world->threads[ev->thread].waits_for != ev->object &&
		    reads(st, world, ev->thread, ev->object))
			read_again(st, ev, world);
		break;
	case CMSHIM_OP_REQUEST:
	case CMSHIM_OP_REQUEST_SHARED:
		requested(st, ev, world);
		break;
	case CMSHIM_OP_REQUEST_FAILED:
		failed(st, ev, world);
		break;
	case CMSHIM_OP_DROP:
		st->threads[ev->thread].is_torn = true;
		break;
	}
}

/* Those that wait still, and would for ever. */
static void add_pending(struct state *st, const struct world *world)
{
	for (uint32_t i = 1; i < st->info->n_threads; i++) {
		const struct request *r = &st->threads[i].asks;
		const struct world_thread *t = &world->threads[i];
		struct side asks = {
			.role = "waits to write",
			.thread = i,
			.call = r->call,
			.stack = t->wait_stack,
			.waits_for = r->object,
			.has_time = true,
			.time_ns = t->waits_since_ns,
		};

		if (r->object && t->waits_for == r->object && !r->is_timed &&
		    reads(st, world, i, r->object))
			add_upgrade(st, world, &asks, r->object, LEVEL_ERROR,
				    "The thread reads under this lock and "
				    "waits to write under it: it waits for "
				    "itself to finish reading");
	}
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	if (st->info->header->state != CMSHIM_STOPPED)
		add_pending(st, world);
	mistakes_report(st->mistakes, out);
	mistakes_free(st->mistakes);
}

const struct analysis analysis_rwlock = {
	.name = "rwlock",
	.help = "readers that take the same lock again",
	.rules = rules,
	.wants = ANALYSIS_OP(CMSHIM_OP_ACQUIRE) |
		 ANALYSIS_OP(CMSHIM_OP_ACQUIRE_SHARED) |
		 ANALYSIS_OP(CMSHIM_OP_REQUEST) |
		 ANALYSIS_OP(CMSHIM_OP_REQUEST_SHARED) |
		 ANALYSIS_OP(CMSHIM_OP_REQUEST_FAILED) |
		 ANALYSIS_OP(CMSHIM_OP_DROP),
	.about = ANALYSIS_CLASS(CMSHIM_RWLOCK),
	.begin = begin,
	.event = event,
	.finish = finish,
};
