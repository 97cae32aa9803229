/* SPDX-License-Identifier: MIT */
/*
 * Random programs, recorded: see trace_run.h.
 */
#include "trace_run.h"

#include <string.h>

#include "trace_story.h"

static uint32_t below(struct run *o, uint32_t n)
{
	o->random ^= o->random << 13;
	o->random ^= o->random >> 7;
	o->random ^= o->random << 17;
	return (uint32_t)(o->random >> 20) % n;
}

static void context_next(struct run *o, struct context *c, int thread,
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
static void store(struct run *o, struct told told)
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
	leave_out = *last == told.seq + is_read(told.op);
	if ((told.seq || is_read(told.op)) && !leave_out)
		f[n++] = (struct field)SEQ(told.seq);
	if (told.end)
		f[n++] = (struct field)END(told.end);
	if (told.other)
		f[n++] = (struct field)ARG((uint64_t)told.other);
	if (told.seq || is_read(told.op))
		*last = told.seq + 1;
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
static void interrupt(struct run *o, int thread)
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
static void store_main(struct run *o, struct told told)
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

static void try_take(struct run *o, int thread, int object)
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

static void release_one(struct run *o, int thread)
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

void run_store(struct run *o, int thread)
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

static void create(struct run *o, int thread, int child)
{
	struct told told = make(thread, CMSHIM_OP_CREATE, 0, 0);

	told.other = child;
	store_main(o, told);
	o->threads[child].created = true;
}

static void begin(struct run *o, int thread, int parent)
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

static void finish(struct run *o, int thread)
{
	struct simulated *t = &o->threads[thread];

	if (t->n_held || t->doing != NOTHING)
		return;
	store_main(o, make(thread, CMSHIM_OP_EXIT, 0, 0));
	t->over = true;
	o->spare[o->n_spare++] = t->main;
}

static void join(struct run *o, int thread, int other)
{
	struct told told = make(thread, CMSHIM_OP_JOIN, 0, 0);

	if (!o->threads[other].over || o->threads[other].joined)
		return;
	o->threads[other].joined = true;
	told.other = other;
	store_main(o, told);
}

static void use_map(struct run *o, int thread)
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

static void step(struct run *o, int thread)
{
	struct simulated *t = &o->threads[thread];
	int other = 2 + (int)below(o, THREADS - 1);

	if (t->created && !t->started)
		begin(o, thread, 1);
	if (!t->created || t->over)
		return;
	if (t->doing != NOTHING) {
		run_store(o, thread);
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

void run_random(struct run *o, uint64_t seed, int steps)
{
	memset(o, 0, sizeof(*o));
	o->random = seed * 0x9e3779b97f4a7c15u + 1;
	o->w = stage_new();
	o->w->header.state = CMSHIM_RECORDING;
	begin(o, 1, 0);
	for (int i = 0; i < steps && o->n_told < MAX_EVENTS - 64; i++)
		step(o, 1 + (int)below(o, THREADS));
}
