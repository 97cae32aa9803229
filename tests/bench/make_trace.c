/* SPDX-License-Identifier: MIT */
/*
 * make_trace FILE EVENTS THREADS LOCKS MAPS: a trace of so many events, more
 * or less, as a busy program leaves it, to measure the reader with.
 *
 * Threads take turns of 1 to 8 events, so the merge has to change logs often.
 * Half of the events are calls on maps, four on average in every other
 * section: each map has its lock, except for the first 16, which are sometimes
 * used without.  A lock found busy is waited for.  Locks are not equally
 * popular: the product of two random numbers chooses.
 *
 * build: -I. -Itests/unit tests/unit/trace_writer.c
 */
#include "trace_writer.h"

#include "bench.h"

enum {
	MAX_THREADS = 256,
	CHUNK_BYTES = 65536 - 256,
	N_STACKS = 64, /* of each thread and kind */
	UNGUARDED = 16,
	HOLD_PERIOD = 32,
	EVENT_NS = 40,	/* of virtual time */
	MAPS_FIRST = 1, /* number of the first map; locks come after them */
};

struct line {
	struct written *last; /* chunk of the event with number next - 1 */
	uint64_t next;
	unsigned owner; /* thread + 1 */
};

struct worker {
	struct written *chunk;
	uint32_t index, random;
	uint64_t stamp;
	unsigned lock, map; /* of the section */
	unsigned calls;	    /* to make in it */
	bool is_inside, is_sampled, waits;
};

static struct writer *trace;
static struct line *lines;
static struct worker workers[MAX_THREADS];
static unsigned n_threads, n_locks, n_maps;
static uint64_t now = 1000, n_events;

static unsigned popular(struct worker *w, unsigned n)
{
	double a = bench_draw(&w->random), b = bench_draw(&w->random);

	return (unsigned)(a * b / 0x1p48 * n);
}

/* The thread's chunk, a new one if it is full. */
static struct written *chunk_of(struct worker *w)
{
	unsigned number = (unsigned)(w - workers) + 1;

	if (w->chunk && w->chunk->n < CHUNK_BYTES)
		return w->chunk;
	w->chunk = writer_chunk(trace, CMSHIM_CHUNK_EVENTS, number, w->index++,
				number);
	w->chunk->head.start = (struct cmshim_stamp){ now, now };
	w->stamp = now;
	return w->chunk;
}

static uint64_t ticks(struct worker *w)
{
	uint64_t since = now - w->stamp;

	w->stamp = now;
	return since;
}

/* n fields, of them SEQ left out where the reader knows it. */
static void put(struct worker *w, uint8_t op, struct line *line, uint64_t seq,
		struct field *fields, size_t n)
{
	struct written *c = chunk_of(w);

	if (line && line->last != c)
		fields[n++] = (struct field)SEQ(seq);
	written_event(c, op, fields, n);
	n_events++;
}

static void number(struct worker *w, struct line *line)
{
	line->last = w->chunk;
	line->next++;
}

static uint64_t stack_of(struct worker *w, unsigned base, unsigned what)
{
	return base + (what * 7 + bench_draw(&w->random) % 2) % N_STACKS;
}

static void acquire(struct worker *w)
{
	struct line *line = &lines[w->lock];
	struct field fields[4] = { OBJECT(w->lock),
				   STACK(stack_of(w, 1, w->lock)) };
	size_t n = 2;

	(void)chunk_of(w);
	w->is_sampled = bench_draw(&w->random) % HOLD_PERIOD == 0;
	if (w->is_sampled || w->waits)
		fields[n++] = (struct field)TIME(ticks(w));
	if (w->is_sampled)
		fields[n++] = (struct field)FLAGS(CMSHIM_SAMPLED);
	w->is_sampled |= w->waits;
	w->waits = false;
	put(w, CMSHIM_OP_ACQUIRE, line, line->next, fields, n);
	number(w, line);
	line->owner = (unsigned)(w - workers) + 1;
}

static void request(struct worker *w)
{
	struct field fields[4] = { OBJECT(w->lock),
				   STACK(stack_of(w, 1, w->lock)) };

	(void)chunk_of(w);
	fields[2] = (struct field)TIME(ticks(w));
	put(w, CMSHIM_OP_REQUEST, NULL, 0, fields, 3);
	w->waits = true;
}

static void release(struct worker *w)
{
	struct line *line = &lines[w->lock];
	struct field fields[2];
	size_t n = 0;

	(void)chunk_of(w);
	if (w->is_sampled)
		fields[n++] = (struct field)TIME(ticks(w));
	put(w, CMSHIM_OP_RELEASE, line, line->next, fields, n);
	number(w, line);
	line->owner = 0;
}

static void call(struct worker *w)
{
	struct line *line = &lines[w->map];
	bool is_write = bench_draw(&w->random) % 4 == 0;
	struct field fields[5] = { OBJECT(w->map),
				   STACK(stack_of(w, 1 + N_STACKS, w->map)),
				   CALL(1 + is_write),
				   KEY(1 + bench_draw(&w->random) % 1000) };

	if (is_write) {
		put(w, CMSHIM_OP_MAP_WRITE, line, line->next, fields, 4);
		number(w, line);
	} else {
		put(w, CMSHIM_OP_MAP_READ, line, line->next - 1, fields, 4);
	}
}

static void choose(struct worker *w)
{
	w->map = MAPS_FIRST + popular(w, n_maps);
	w->lock = MAPS_FIRST + n_maps + w->map % n_locks;
	w->calls = 1 + bench_draw(&w->random) % 7;
	if (bench_draw(&w->random) % 2) {
		w->lock = MAPS_FIRST + n_maps + popular(w, n_locks);
		w->calls = 0;
	}
}

/* False if the thread has to wait. */
static bool step(struct worker *w)
{
	now += EVENT_NS;
	if (w->is_inside && w->calls) {
		w->calls--;
		call(w);
	} else if (w->is_inside) {
		release(w);
		w->is_inside = false;
	} else {
		if (!w->waits)
			choose(w);
		if (w->calls && w->map < MAPS_FIRST + UNGUARDED &&
		    bench_draw(&w->random) % 64 == 0 && !w->waits) {
			call(w);
			return true;
		}
		if (lines[w->lock].owner) {
			if (!w->waits)
				request(w);
			return false;
		}
		acquire(w);
		w->is_inside = true;
	}
	return true;
}

static void define(void)
{
	struct written *c = writer_chunk(trace, CMSHIM_CHUNK_DEFS, 1, 0, 1);

	define_call(c, 1, CMSHIM_OP_MAP_READ, CMSHIM_MAP,
		    "g_hash_table_lookup");
	define_call(c, 2, CMSHIM_OP_MAP_WRITE, CMSHIM_MAP,
		    "g_hash_table_insert");
	define_call(c, 3, CMSHIM_OP_ACQUIRE, CMSHIM_MUTEX,
		    "pthread_mutex_lock");
	define_call(c, 4, CMSHIM_OP_RELEASE, CMSHIM_MUTEX,
		    "pthread_mutex_unlock");
	define_module(c, 0, 0x400000, 0x500000, "/bin/written");
	for (unsigned i = 0; i < n_maps + n_locks; i++)
		define_object(c, MAPS_FIRST + i,
			      i < n_maps ? CMSHIM_MAP : CMSHIM_MUTEX, 1);
	for (unsigned t = 0; t < n_threads; t++)
		define_thread(c, t + 1, t ? 1 : 0);
	for (unsigned t = 0; t < n_threads; t++) {
		if (t)
			c = writer_chunk(trace, CMSHIM_CHUNK_DEFS, t + 1, 0,
					 t + 1);
		for (unsigned i = 0; i < 2 * N_STACKS; i++)
			define_stack(
				c, i + 1, 0, 0,
				(const uint64_t[]){ 0x400100 + 16 * i,
						    0x410000 + 16 * (i / 4),
						    0x420000 },
				3);
	}
}

static void begin(void)
{
	for (unsigned t = 1; t < n_threads; t++)
		PUT(chunk_of(&workers[0]), CREATE, STACK(1), ARG(t + 1));
	for (unsigned t = 1; t < n_threads; t++)
		PUT(chunk_of(&workers[t]), START, TIME(0), ARG(1));
}

int main(int argc, char **argv)
{
	uint64_t enough = argc == 6 ? strtoull(argv[2], NULL, 10) : 0;
	const uint8_t *bytes;
	uint32_t random = 1;
	size_t size;
	FILE *file;

	n_threads = argc == 6 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
	n_locks = argc == 6 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
	n_maps = argc == 6 ? (unsigned)strtoul(argv[5], NULL, 10) : 0;
	if (!n_threads || n_threads > MAX_THREADS || !n_locks || !n_maps) {
		fputs("usage: make_trace FILE EVENTS THREADS LOCKS MAPS\n",
		      stderr);
		return 2;
	}
	trace = writer_new();
	trace->header.hold_period = HOLD_PERIOD;
	lines = calloc(MAPS_FIRST + n_maps + n_locks, sizeof(*lines));
	bench_must(lines != NULL, "memory");
	for (unsigned i = 0; i < MAPS_FIRST + n_maps + n_locks; i++)
		lines[i].next = 1;
	for (unsigned t = 0; t < n_threads; t++)
		workers[t].random = t * 2654435761u + 1;
	define();
	begin();

	while (n_events < enough) {
		struct worker *w = &workers[bench_draw(&random) % n_threads];
		unsigned turn = 1 + bench_draw(&random) % 8;

		while (turn-- && step(w))
			;
	}
	trace->header.last = (struct cmshim_stamp){ now, now };

	bytes = writer_bytes(trace, &size);
	file = fopen(argv[1], "w");
	bench_must(file && fwrite(bytes, 1, size, file) == size &&
			   fclose(file) == 0,
		   argv[1]);
	writer_free(trace);
	free(lines);
	return 0;
}
