/* SPDX-License-Identifier: MIT */
/*
 * Where things are in a trace: the header, the chunks, and which of them make
 * up which log.  What is in the chunks is not looked at.
 *
 * A file that is still being written, or whose process was killed, is whole:
 * a chunk may have been reserved and not begun, and the end of the file may
 * be zeros.
 */
#include "trace/trace_decode.h"

#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 u128;

/* Of a factor's last place: times are rounded, not cut. */
#define HALF ((uint64_t)1 << 31)

static uint64_t saturated(u128 value)
{
	return value > UINT64_MAX ? UINT64_MAX : (uint64_t)value;
}

uint64_t clock_duration_ns(const struct clock *clock, uint64_t ticks)
{
	return saturated(((u128)ticks * clock->mult + HALF) >> 32);
}

uint64_t clock_time_ns(const struct clock *clock, uint64_t ticks)
{
	if (ticks <= clock->start_ticks)
		return 0;
	return clock_duration_ns(clock, ticks - clock->start_ticks);
}

/* Takes the rate between two instants if it can be that of any clock. */
static bool clock_rate(struct clock *clock, const struct cmshim_stamp *a,
		       const struct cmshim_stamp *b)
{
	u128 mult;

	if (b->ticks <= a->ticks || b->monotonic_ns <= a->monotonic_ns)
		return false;
	mult = (((u128)(b->monotonic_ns - a->monotonic_ns) << 32) +
		(b->ticks - a->ticks) / 2) /
	       (b->ticks - a->ticks);
	/* From 100 GHz down to 100 kHz. */
	if (mult < ((u128)1 << 32) / 100 || mult > ((u128)10000 << 32))
		return false;
	clock->mult = (uint64_t)mult;
	return true;
}

static const uint8_t *header_end(const struct trace *t)
{
	return t->bytes + t->header.header_bytes;
}

const char *index_header(struct trace *t)
{
	struct cmshim_header *h = &t->header;

	if (t->size == 0)
		return "it is empty";
	if (t->size < sizeof(h->magic) ||
	    memcmp(t->bytes, CMSHIM_TRACE_MAGIC, sizeof(h->magic)) != 0)
		return "it is not a cmshim trace";
	if (t->size < sizeof(*h))
		return "it ends inside its header";
	memcpy(h, t->bytes, sizeof(*h));

	if (h->byte_order == __builtin_bswap32(CMSHIM_BYTE_ORDER))
		return "it was recorded on a machine of the other byte order";
	if (h->byte_order != CMSHIM_BYTE_ORDER)
		return "its header is damaged: no known byte order";
	if (h->version < CMSHIM_TRACE_OLDEST ||
	    h->version > CMSHIM_TRACE_VERSION)
		return "its format is of another version than this program's";
	if (h->word_bytes != 8 && h->word_bytes != 4)
		return "its header is damaged: no known word size";

	h->program[sizeof(h->program) - 1] = '\0';
	h->arguments[sizeof(h->arguments) - 1] = '\0';
	h->name[sizeof(h->name) - 1] = '\0';
	if (h->header_bytes < sizeof(*h) ||
	    h->header_bytes % CMSHIM_CHUNK_ALIGN != 0) {
		trace_damage(t, t->bytes, "the header has an impossible size");
		h->header_bytes = CMSHIM_CHUNK_ALIGN;
	}
	t->info.header = h;
	if (t->size <= h->header_bytes)
		return "it holds nothing but a header";
	return NULL;
}

static uint32_t magic_at(const uint8_t *at)
{
	uint32_t magic;

	memcpy(&magic, at, sizeof(magic));
	return magic;
}

static bool bytes_possible(uint64_t bytes)
{
	return bytes >= sizeof(struct cmshim_chunk) && bytes % 64 == 0;
}

/* The next place after `at` where a chunk may begin that follows none. */
static const uint8_t *next_aligned(const struct trace *t, const uint8_t *at)
{
	size_t offset = (size_t)(at - t->bytes);

	offset = (offset / CMSHIM_CHUNK_ALIGN + 1) * CMSHIM_CHUNK_ALIGN;
	return offset < t->size ? t->bytes + offset : t->bytes + t->size;
}

/*
 * A chunk says that it goes on behind the end of the file.  Either the file
 * was cut, then no chunk can follow; or the size is wrong, and the next chunk
 * is found as after any other damage.
 */
static const uint8_t *overrun_end(const struct trace *t, const uint8_t *at)
{
	const uint8_t *end = t->bytes + t->size;

	while ((at = next_aligned(t, at)) < end) {
		struct cmshim_chunk head;

		if ((size_t)(end - at) < sizeof(head) ||
		    magic_at(at) != CMSHIM_CHUNK_MAGIC)
			continue;
		memcpy(&head, at, sizeof(head));
		if (bytes_possible(head.bytes) && head.zero == 0 &&
		    head.bytes <= (size_t)(end - at))
			break;
	}
	return at;
}

static void add_chunk(struct trace *t, size_t *room, const uint8_t *at,
		      const struct cmshim_chunk *head, uint64_t bytes)
{
	if (head->type != CMSHIM_CHUNK_EVENTS &&
	    head->type != CMSHIM_CHUNK_DEFS)
		return;
	t->chunks = grow(t->chunks, room, t->n_chunks, sizeof(*t->chunks));
	t->chunks[t->n_chunks++] = (struct chunk){
		.at = at,
		.bytes = bytes,
		.ticks = head->start.ticks,
		.lost = head->lost,
		.hold_period = head->hold_period,
		.stream_number = head->stream,
		.index = head->index,
		.thread_number = head->thread,
		.type = head->type,
		.flags = head->flags,
		.cut = bytes < head->bytes,
	};
}

/* The kernel reads more than the headers that are looked at. */
#define UNLOADED_BYTES ((uint64_t)64 << 20)

static void find_chunks(struct trace *t, struct cmshim_stamp *farthest)
{
	const uint8_t *end = t->bytes + t->size, *at = header_end(t);
	const uint8_t *loaded = at;
	struct cmshim_chunk head;
	bool searching = false;
	size_t room = 0;

	while ((size_t)(end - at) >= sizeof(head)) {
		uint64_t left = (uint64_t)(end - at);

		memcpy(&head, at, sizeof(head));
		if (head.magic != CMSHIM_CHUNK_MAGIC) {
			if (head.magic && !searching)
				trace_damage(t, at,
					     "no chunk where one is due");
			searching = true;
			at = next_aligned(t, at);
			continue;
		}
		searching = false;
		if (!bytes_possible(head.bytes)) {
			trace_damage(t, at, "a chunk of an impossible size");
			searching = true;
			at = next_aligned(t, at);
			continue;
		}
		if (head.bytes > left) {
			const uint8_t *next = overrun_end(t, at);

			left = (uint64_t)(next - at);
			if (next < end)
				trace_damage(t, at,
					     "a chunk is larger than the file");
			else
				t->info.truncated = true;
		} else {
			left = head.bytes;
		}
		add_chunk(t, &room, at, &head, left);
		if (head.start.ticks > farthest->ticks)
			*farthest = head.start;
		at += left;
		if ((uint64_t)(at - loaded) >= UNLOADED_BYTES) {
			trace_unload(t, loaded, at);
			loaded = at;
		}
	}
	if ((size_t)(end - at) >= sizeof(uint32_t) &&
	    magic_at(at) == CMSHIM_CHUNK_MAGIC)
		t->info.truncated = true;
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_stream(const void *left, const void *right)
{
	const struct chunk *a = left, *b = right;
	int order = -compare(a->type, b->type); /* definitions first */

	if (!order)
		order = compare(a->stream_number, b->stream_number);
	if (!order)
		order = compare(a->index, b->index);
	return order ? order : compare((uintptr_t)a->at, (uintptr_t)b->at);
}

/* Of chunks with the same place in the same stream the first counts. */
static void check_indices(struct trace *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_chunks; i++) {
		const struct chunk *c = &t->chunks[i];
		const struct chunk *before = n ? &t->chunks[n - 1] : NULL;
		bool same = before && c->type == before->type &&
			    c->stream_number == before->stream_number;

		if (same && c->index == before->index) {
			trace_damage(t, c->at, "chunk %u of stream %u twice",
				     c->index, c->stream_number);
			continue;
		}
		if (c->index != (same ? before->index + 1 : 0))
			t->missing = true;
		t->chunks[n++] = *c;
	}
	t->n_chunks = n;
}

static void number_streams(struct trace *t)
{
	struct table *seen = table_new();

	for (size_t i = 0; i < t->n_chunks; i++) {
		struct chunk *c = &t->chunks[i];
		uint64_t *at = table_at(seen, c->stream_number, 0);

		if (!*at)
			*at = ++t->n_streams;
		c->stream = (uint32_t)(*at - 1);
		t->n_defs_chunks += c->type == CMSHIM_CHUNK_DEFS;
	}
	table_free(seen);

	t->streams =
		arena_alloc(t->mem, (t->n_streams + 1) * sizeof(*t->streams));
}

/*
 * Of a trace that is being written, so much is read as is there now: else a
 * log that is read late would tell of what came after the end of others.  All
 * but the last chunk of a stream are complete.
 */
static void find_ends(struct trace *t)
{
	for (size_t i = t->n_defs_chunks; i < t->n_chunks; i++) {
		struct chunk *c = &t->chunks[i];
		const uint8_t *p = c->at + sizeof(struct cmshim_chunk);
		const uint8_t *end = c->at + c->bytes;
		enum decoded decoded = DECODED_RECORD;
		struct record rec = { .op = CMSHIM_OP_NONE };

		if (i + 1 < t->n_chunks && c[1].stream == c->stream)
			continue;
		while (decoded == DECODED_RECORD)
			decoded = record_decode(&p, end, &rec);
		if (decoded == DECODED_END && p < end) {
			c->bytes = (uint64_t)(p - c->at);
			c->open = true;
			c->n_again = record_n_again(&rec);
		}
	}
}

const char *index_chunks(struct trace *t)
{
	struct cmshim_stamp farthest = t->header.start;

	find_chunks(t, &farthest);
	if (!t->n_chunks)
		return t->info.damaged ? "no chunk of it can be read"
				       : "nothing was recorded in it";

	t->clock = (struct clock){ t->header.start.ticks, (uint64_t)1 << 32 };
	if (t->header.clock != CMSHIM_CLOCK_MONOTONIC &&
	    !clock_rate(&t->clock, &t->header.start, &t->header.last))
		clock_rate(&t->clock, &t->header.start, &farthest);
	t->info.duration_ns = clock_time_ns(&t->clock, t->header.last.ticks);

	qsort(t->chunks, t->n_chunks, sizeof(*t->chunks), by_stream);
	check_indices(t);
	number_streams(t);
	if (t->header.state == CMSHIM_RECORDING)
		find_ends(t);
	return NULL;
}

static int by_log(const void *left, const void *right, void *chunks)
{
	const struct chunk *a =
		(struct chunk *)chunks + *(const uint32_t *)left;
	const struct chunk *b =
		(struct chunk *)chunks + *(const uint32_t *)right;
	int order = compare(a->thread, b->thread);

	if (!order)
		order = compare(a->flags & CMSHIM_CHUNK_NESTED,
				b->flags & CMSHIM_CHUNK_NESTED);
	if (!order)
		order = compare(a->rank, b->rank);
	if (!order)
		order = compare(a->stream, b->stream);
	return order ? order : compare(a->index, b->index);
}

static bool same_log(const struct chunk *a, const struct chunk *b)
{
	return a->thread == b->thread &&
	       !((a->flags ^ b->flags) & CMSHIM_CHUNK_NESTED) &&
	       (a->stream == b->stream || !(a->flags & CMSHIM_CHUNK_NESTED));
}

static void sort_order(struct trace *t)
{
	qsort_r(t->order, t->n_order, sizeof(*t->order), by_log, t->chunks);
}

/*
 * A thread has one main stream, as a rule.  If it came to record after it had
 * given its context back (late destructors do), it has a second one: that is
 * told from the first by the stamps of the chunks it began them with.
 */
static void rank_streams(struct trace *t)
{
	uint64_t rank = 0;

	for (size_t i = 0; i < t->n_order; i++) {
		struct chunk *c = &t->chunks[t->order[i]];

		if (i == 0 || !same_log(c, &t->chunks[t->order[i - 1]]) ||
		    c->stream != t->chunks[t->order[i - 1]].stream)
			rank = c->ticks;
		if (!(c->flags & CMSHIM_CHUNK_NESTED))
			c->rank = rank;
	}
}

static bool begins_log(const struct trace *t, size_t i)
{
	return i == 0 ||
	       !same_log(&t->chunks[t->order[i]], &t->chunks[t->order[i - 1]]);
}

void index_order(struct trace *t)
{
	t->parents =
		arena_alloc(t->mem, t->info.n_threads * sizeof(*t->parents));
	for (size_t i = 0; i < t->info.n_threads; i++)
		t->parents[i] = t->thread_infos[i].parent;
	t->order = arena_alloc(t->mem, (t->n_chunks + 1) * sizeof(*t->order));
	for (size_t i = t->n_defs_chunks; i < t->n_chunks; i++) {
		struct chunk *c = &t->chunks[i];

		c->thread = numbering_get(&t->thread_numbers, c->thread_number);
		if (!c->thread) {
			trace_damage(t, c->at, "events of thread 0");
			continue;
		}
		t->order[t->n_order++] = (uint32_t)i;
	}
	sort_order(t);
	rank_streams(t);
	sort_order(t);
}

void index_logs(struct trace *t)
{
	struct log *log = NULL;
	size_t n_logs = 0;

	for (size_t i = 0; i < t->n_order; i++)
		n_logs += begins_log(t, i);
	t->logs = arena_alloc(t->mem, (n_logs + 1) * sizeof(*t->logs));
	t->n_logs = 0;
	t->bytes_total = 0;
	for (size_t i = 0; i < t->n_order; i++) {
		struct chunk *c = &t->chunks[t->order[i]];

		if (begins_log(t, i)) {
			log = &t->logs[t->n_logs++];
			*log = (struct log){
				.chunk = (uint32_t)i,
				.chunks_end = (uint32_t)i,
				.thread = c->thread,
				.nested = c->flags & CMSHIM_CHUNK_NESTED,
			};
		}
		c->log = (uint32_t)(log - t->logs);
		c->ordinal = log->chunks_end++ - log->chunk;
		t->bytes_total += c->bytes;
	}
}
