/* SPDX-License-Identifier: MIT */
/*
 * Random programs, run by a simulator that keeps the semantics of locks,
 * semaphores, maps, threads and signal handlers, and recorded as trace.h
 * says: with chunks that end anywhere, streams handed on, numbers left out
 * where they may be.  The merged stream has to be one in which the run could
 * have been watched, without a gap; a checker that knows nothing of the
 * reader says so.
 */
#include <stdlib.h>
#include <string.h>

#include "suites.h"
#include "trace_story.h"

enum { THREADS = 5, OBJECTS = 7, MAX_EVENTS = 2000, STREAMS = 32 };

enum { MUTEX = 1, MUTEX2, RWLOCK, CONDITION, SEMAPHORE, MAP };

/* One event as it was recorded; KEY tells which one it is. */
struct told {
	int op, thread, object;
	uint64_t seq, end;
	int other;
	bool nested;
	int before; /* nested: so many records of the thread come before */
};

struct context {
	struct written *chunk;
	uint32_t stream, index;
	uint64_t last[OBJECTS]; /* numbers of this chunk; 0: none */
	int until;		/* records left in the chunk */
};

enum doing { NOTHING, TAKING, LEAVING, READING, WRITING, SIGNALLING };

struct simulated {
	bool created, started, over, joined;
	struct context main, handler;
	int held[16], n_held;
	bool shared[16];
	enum doing doing;
	struct told pending;   /* has its number, is not stored */
	struct written *burst; /* chunk that the handler's burst is in */
	int n_stored, n_nested;
	int requested;
};

struct world_of {
	uint64_t random;
	struct writer *w;
	struct simulated threads[THREADS + 1];
	uint64_t numbers[OBJECTS]; /* taken last */
	int owner[OBJECTS], readers[OBJECTS], value;
	struct told told[MAX_EVENTS];
	int n_told;
	uint32_t n_streams;
	struct context spare[STREAMS]; /* of threads that ended */
	int n_spare;
};

static uint32_t below(struct world_of *o, uint32_t n)
{
	o->random ^= o->random << 13;
	o->random ^= o->random >> 7;
	o->random ^= o->random << 17;
	return (uint32_t)(o->random >> 20) % n;
}

static void context_next(struct world_of *o, struct context *c, int thread,
			 bool nested)
{
	const struct simulated *t = &o->threads[thread];

	if (!c->stream)
		c->stream = ++o->n_streams;
	c->chunk = writer_chunk(o->w, CMSHIM_CHUNK_EVENTS, c->stream, c->index,
				(uint32_t)thread);
	c->chunk->head.flags = nested ? CMSHIM_CHUNK_NESTED : 0;
	c->index++;
	memset(c->last, 0, sizeof(c->last));
	c->until = 1 + (int)below(o, 12);
	for (int i = 0; !nested && i < t->n_held; i++)
		PUT(c->chunk, HELD, OBJECT((uint64_t)t->held[i]),
		    ARG(t->shared[i]));
}

static bool is_read(int op)
{
	return op == CMSHIM_OP_MAP_READ;
}

/* Stores what happened, and remembers it for the checker. */
static void store(struct world_of *o, struct told told)
{
	struct simulated *t = &o->threads[told.thread];
	struct context *c = told.nested ? &t->handler : &t->main;
	uint64_t *last = &c->last[told.object];
	struct field f[8];
	size_t n = 0;
	bool leave_out;

	f[n++] = (struct field)KEY((uint64_t)o->n_told + 1);
	if (told.object &&
	    !(told.op == CMSHIM_OP_RELEASE && !told.nested && t->n_held &&
	      t->held[t->n_held - 1] == told.object))
		f[n++] = (struct field)OBJECT((uint64_t)told.object);
	leave_out = *last && (is_read(told.op) ? *last == told.seq
					       : *last + 1 == told.seq);
	if ((told.seq || is_read(told.op)) && !leave_out)
		f[n++] = (struct field)SEQ(told.seq);
	if (told.end)
		f[n++] = (struct field)END(told.end);
	if (told.other)
		f[n++] = (struct field)ARG((uint64_t)told.other);
	if (told.seq && !is_read(told.op))
		*last = told.seq;
	written_event(c->chunk, (uint8_t)told.op, f, n);

	told.before = t->n_stored;
	if (told.nested)
		t->n_nested++;
	else
		t->n_stored++;
	o->told[o->n_told++] = told;
}

/* Number 0 is for what is not numbered. */
static struct told make(int thread, int op, int object, uint64_t seq)
{
	return (struct told){
		.op = op, .thread = thread, .object = object, .seq = seq
	};
}

/* A handler interrupts the recording of an event of the thread. */
static void interrupt(struct world_of *o, int thread)
{
	struct simulated *t = &o->threads[thread];
	struct context *c = &t->handler;
	int free_lock = o->owner[MUTEX2] ? 0 : MUTEX2;

	if (!c->chunk || --c->until <= 0)
		context_next(o, c, thread, true);
	PUT(c->chunk, NESTED, ARG(t->main.index - 1), KEY(t->main.stream),
	    END(written_at(t->main.chunk)));
	for (uint32_t i = below(o, 3); i < 3; i++) {
		struct told post = make(thread, CMSHIM_OP_POST, SEMAPHORE,
					++o->numbers[SEMAPHORE]);

		post.nested = true;
		store(o, post);
		o->value++;
	}
	if (free_lock) {
		for (int op = CMSHIM_OP_ACQUIRE; op <= CMSHIM_OP_RELEASE;
		     op += CMSHIM_OP_RELEASE - CMSHIM_OP_ACQUIRE) {
			struct told it = make(thread, op, free_lock,
					      ++o->numbers[free_lock]);

			it.nested = true;
			store(o, it);
		}
	}
}

/* The record of the thread's event goes to its chunk. */
static void store_main(struct world_of *o, struct told told)
{
	struct context *c = &o->threads[told.thread].main;

	if (--c->until <= 0)
		context_next(o, c, told.thread, false);
	if (below(o, 8) == 0)
		interrupt(o, told.thread);
	store(o, told);
}

static void hold(struct simulated *t, int object, bool shared)
{
	t->held[t->n_held] = object;
	t->shared[t->n_held++] = shared;
}

static void drop_hold(struct simulated *t, int object)
{
	for (int i = t->n_held - 1; i >= 0; i--) {
		if (t->held[i] != object)
			continue;
		for (; i + 1 < t->n_held; i++) {
			t->held[i] = t->held[i + 1];
			t->shared[i] = t->shared[i + 1];
		}
		t->n_held--;
		return;
	}
}

static bool holds(const struct simulated *t, int object)
{
	for (int i = 0; i < t->n_held; i++) {
		if (t->held[i] == object)
			return true;
	}
	return false;
}

static void try_take(struct world_of *o, int thread, int object)
{
	struct simulated *t = &o->threads[thread];
	bool shared = object == RWLOCK && below(o, 2);

	if (object == SEMAPHORE) {
		if (!o->value)
			return;
		o->value--;
		t->pending = make(thread, CMSHIM_OP_TAKE, object,
				  ++o->numbers[object]);
		t->doing = TAKING;
		return;
	}
	if (holds(t, object) || t->n_held == 8)
		return;
	if (o->owner[object] || (o->readers[object] && !shared)) {
		if (t->requested != object)
			store_main(o,
				   make(thread, CMSHIM_OP_REQUEST, object, 0));
		t->requested = object;
		return;
	}
	t->requested = 0;
	if (shared)
		o->readers[object]++;
	else
		o->owner[object] = thread;
	t->pending = make(thread,
			  shared ? CMSHIM_OP_ACQUIRE_SHARED : CMSHIM_OP_ACQUIRE,
			  object, ++o->numbers[object]);
	t->doing = TAKING;
}

static void release_one(struct world_of *o, int thread)
{
	struct simulated *t = &o->threads[thread];
	int i = (int)below(o, (uint32_t)t->n_held);
	int object = t->held[i];

	/* The number is taken and stored, then the lock is given up. */
	t->pending = make(thread,
			  t->shared[i] ? CMSHIM_OP_RELEASE_SHARED
				       : CMSHIM_OP_RELEASE,
			  object, ++o->numbers[object]);
	t->doing = LEAVING;
}

static void finish_pending(struct world_of *o, int thread)
{
	struct simulated *t = &o->threads[thread];
	struct told told = t->pending;
	enum doing doing = t->doing;

	t->doing = NOTHING;
	if (doing == SIGNALLING) {
		told = make(thread, CMSHIM_OP_SIGNALLED, CONDITION, 0);
		told.end = o->numbers[CONDITION];
		store_main(o, told);
		return;
	}
	if (is_read(told.op) && o->numbers[MAP] > told.seq)
		told.end = o->numbers[MAP];
	if (told.op == CMSHIM_OP_MAP_WRITE && o->numbers[MAP] > told.seq)
		told.end = o->numbers[MAP];
	store_main(o, told);
	if (doing == TAKING && told.object != SEMAPHORE)
		hold(t, told.object, told.op == CMSHIM_OP_ACQUIRE_SHARED);
	if (doing == LEAVING) {
		drop_hold(t, told.object);
		if (told.op == CMSHIM_OP_RELEASE)
			o->owner[told.object] = 0;
		else
			o->readers[told.object]--;
	}
}

static void create(struct world_of *o, int thread, int child)
{
	struct told told = make(thread, CMSHIM_OP_CREATE, 0, 0);

	told.other = child;
	store_main(o, told);
	o->threads[child].created = true;
}

static void begin(struct world_of *o, int thread, int parent)
{
	struct simulated *t = &o->threads[thread];
	struct told told = make(thread, CMSHIM_OP_START, 0, 0);

	t->created = t->started = true;
	if (o->n_spare && below(o, 2))
		t->main = o->spare[--o->n_spare];
	context_next(o, &t->main, thread, false);
	told.other = parent;
	if (parent)
		store_main(o, told);
}

static void finish(struct world_of *o, int thread)
{
	struct simulated *t = &o->threads[thread];

	if (t->n_held || t->doing != NOTHING)
		return;
	store_main(o, make(thread, CMSHIM_OP_EXIT, 0, 0));
	t->over = true;
	o->spare[o->n_spare++] = t->main;
}

static void join(struct world_of *o, int thread, int other)
{
	struct told told = make(thread, CMSHIM_OP_JOIN, 0, 0);

	if (!o->threads[other].over || o->threads[other].joined)
		return;
	o->threads[other].joined = true;
	told.other = other;
	store_main(o, told);
}

static void use_map(struct world_of *o, int thread)
{
	struct simulated *t = &o->threads[thread];

	/* The number is taken as the call enters, the record is made as it
	   ends, some steps later. */
	if (below(o, 2)) {
		t->pending = make(thread, CMSHIM_OP_MAP_WRITE, MAP,
				  ++o->numbers[MAP]);
		t->doing = WRITING;
	} else {
		t->pending =
			make(thread, CMSHIM_OP_MAP_READ, MAP, o->numbers[MAP]);
		t->doing = READING;
	}
}

static void step(struct world_of *o, int thread)
{
	struct simulated *t = &o->threads[thread];
	int other = 2 + (int)below(o, THREADS - 1);

	if (t->created && !t->started)
		begin(o, thread, 1);
	if (!t->created || t->over)
		return;
	if (t->doing != NOTHING) {
		finish_pending(o, thread);
		return;
	}
	if (t->requested) { /* it is in the lock call until it has got it */
		try_take(o, thread, t->requested);
		return;
	}
	switch (below(o, 12)) {
	case 0:
		if (thread == 1 && !o->threads[other].created)
			create(o, thread, other);
		break;
	case 1:
		if (thread == 1)
			join(o, thread, other);
		else if (below(o, 6) == 0)
			finish(o, thread);
		break;
	case 2:
		store_main(o, make(thread, CMSHIM_OP_SIGNAL, CONDITION,
				   ++o->numbers[CONDITION]));
		t->doing = SIGNALLING;
		break;
	case 3:
	case 4:
		use_map(o, thread);
		break;
	case 5:
	case 6:
	case 7:
	case 8:
		if (t->n_held)
			release_one(o, thread);
		break;
	default:
		/* In one order, so that nobody blocks for ever. */
		try_take(o, thread,
			 (const int[]){ MUTEX, MUTEX2, RWLOCK,
					SEMAPHORE }[below(o, 4)]);
		break;
	}
}

static void run(struct world_of *o, uint64_t seed, int steps)
{
	memset(o, 0, sizeof(*o));
	o->random = seed * 0x9e3779b97f4a7c15u + 1;
	o->w = stage_new();
	o->w->header.state = CMSHIM_RECORDING;
	begin(o, 1, 0);
	for (int i = 0; i < steps && o->n_told < MAX_EVENTS - 64; i++)
		step(o, 1 + (int)below(o, THREADS));
}

/* What the checker has seen of the merged stream. */
struct seen {
	uint64_t numbers[OBJECTS];
	int stored[THREADS + 1], nested[THREADS + 1];
	int n_nested_before[THREADS + 1];
	bool created[THREADS + 1], ended[THREADS + 1];
	bool told[MAX_EVENTS];
};

static int nested_before(const struct world_of *o, int thread, int stored)
{
	int n = 0;

	for (int i = 0; i < o->n_told; i++)
		n += o->told[i].thread == thread && o->told[i].nested &&
		     o->told[i].before < stored;
	return n;
}

static void check_place(const struct world_of *o, struct seen *seen,
			const struct told *told)
{
	int t = told->thread;

	ck_assert(!seen->ended[t]);
	if (told->nested) {
		/* After all that was stored before, at most the interrupted
		   record may come before it. */
		ck_assert_int_ge(seen->stored[t], told->before);
		ck_assert_int_le(seen->stored[t], told->before + 1);
		seen->nested[t]++;
		return;
	}
	ck_assert_int_eq(seen->stored[t], told->before);
	ck_assert_int_ge(seen->nested[t], nested_before(o, t, told->before));
	seen->stored[t]++;
}

/* The largest number up to seq that an event was stored with. */
static uint64_t number_stored(const struct world_of *o, int object,
			      uint64_t seq)
{
	uint64_t largest = 0;

	for (int i = 0; i < o->n_told; i++) {
		const struct told *told = &o->told[i];

		if (told->object == object && !is_read(told->op) &&
		    told->seq <= seq && told->seq > largest)
			largest = told->seq;
	}
	return largest;
}

static void check_event(const struct world_of *o, struct seen *seen,
			const struct event *ev)
{
	const struct told *told = &o->told[ev->key - 1];

	ck_assert_uint_le(ev->key, (uint64_t)o->n_told);
	ck_assert(!seen->told[ev->key - 1]);
	seen->told[ev->key - 1] = true;
	ck_assert_int_eq(ev->op, told->op);
	ck_assert_int_eq((int)ev->thread, told->thread);
	ck_assert_int_eq((int)ev->object, told->object);
	ck_assert_uint_eq(ev->seq, told->seq);
	check_place(o, seen, told);

	switch (told->op) {
	case CMSHIM_OP_CREATE:
		seen->created[told->other] = true;
		break;
	case CMSHIM_OP_START:
		ck_assert(seen->created[told->thread]);
		break;
	case CMSHIM_OP_JOIN:
		ck_assert(seen->ended[told->other]);
		break;
	case CMSHIM_OP_MAP_READ:
		ck_assert_uint_ge(seen->numbers[MAP],
				  number_stored(o, MAP, told->seq));
		break;
	case CMSHIM_OP_SIGNALLED:
		ck_assert_uint_ge(seen->numbers[CONDITION],
				  number_stored(o, CONDITION, told->end));
		break;
	default:
		if (told->seq) {
			uint64_t *last = &seen->numbers[told->object];

			ck_assert_uint_eq(*last, number_stored(o, told->object,
							       told->seq - 1));
			*last = told->seq;
		}
	}
}

static void check_story(const struct world_of *o, const struct story *s)
{
	static struct seen seen;
	int n = 0;

	memset(&seen, 0, sizeof(seen));
	ck_assert_msg(!s->info->damaged, "damaged: %s",
		      s->info->damage ? s->info->damage : "");
	ck_assert_uint_eq(s->info->n_gaps, 0);
	for (size_t i = 0; i < s->n; i++) {
		if (s->events[i].op == EVENT_THREAD_END) {
			seen.ended[s->events[i].thread] = true;
			continue;
		}
		if (s->events[i].op == CMSHIM_OP_HELD)
			continue;
		check_event(o, &seen, &s->events[i]);
		n++;
	}
	ck_assert_int_eq(n, o->n_told);
}

START_TEST(any_run_is_merged_to_one_that_could_have_been_watched)
{
	static struct world_of o;
	int n_nested = 0, n_joined = 0;

	for (uint64_t seed = 1; seed <= 400; seed++) {
		struct story s;

		run(&o, seed, 100 + (int)seed * 3);
		/* Let all that have a number be stored. */
		for (int t = 1; t <= THREADS; t++) {
			if (o.threads[t].doing != NOTHING)
				finish_pending(&o, t);
			n_nested += o.threads[t].n_nested;
			n_joined += o.threads[t].joined;
		}
		s = story_of(o.w);
		check_story(&o, &s);
		story_close(&s);
		writer_free(o.w);
	}
	/* The programs were not trivial. */
	ck_assert_int_gt(n_nested, 1000);
	ck_assert_int_gt(n_joined, 100);
}
END_TEST

/* Killed at any instant: what has a number but no record is lost, at most one
   event of each thread, and that is no gap. */
START_TEST(a_killed_run_has_no_gap)
{
	static struct world_of o;
	int n_lost = 0;

	for (uint64_t seed = 1; seed <= 400; seed++) {
		struct story s;

		run(&o, seed, 50 + (int)seed);
		for (int t = 1; t <= THREADS; t++)
			n_lost += o.threads[t].doing == TAKING ||
				  o.threads[t].doing == WRITING;
		s = story_of(o.w);
		check_story(&o, &s);
		story_close(&s);
		writer_free(o.w);
	}
	ck_assert_int_gt(n_lost, 100);
}
END_TEST

Suite *suite_trace_property(void)
{
	Suite *s = suite_create("trace_property");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc,
		       any_run_is_merged_to_one_that_could_have_been_watched);
	tcase_add_test(tc, a_killed_run_has_no_gap);
	suite_add_tcase(s, tc);
	return s;
}
