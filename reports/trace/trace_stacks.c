/* SPDX-License-Identifier: MIT */
/*
 * Stacks and modules.  Equal stacks of different streams become one: also
 * those of different epochs, unless one of their addresses belonged to
 * different modules in the course of the run.
 *
 * A stack is stored as its difference to the one before it, so a short
 * payload can stand for many frames, and a file could ask for any amount of
 * memory.  What all stacks together may have is therefore limited to a
 * multiple of the file's size; later stacks lose their outermost frames.
 */
#include "trace/trace_impl.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_FRAMES = 1 << 16 };

struct gone {
	uint64_t first;
	uint32_t epoch;
};

struct range {
	uint64_t first, end;
};

struct stack_builder {
	struct trace *t;
	size_t room_modules, room_stacks;
	struct gone *gone;
	size_t n_gone, room_gone;
	struct range *reused; /* addresses of several modules; sorted */
	size_t n_reused, room_reused;
	struct table *known; /* (hash, epoch where it matters) to stack */
	uint64_t *frames;    /* of the stack being read */
	size_t n_frames, room_frames;
	uint64_t may_read, may_keep; /* so many frames */
	bool cut;		     /* less was kept of one than was there */
};

struct stack_builder *stacks_begin(struct trace *t)
{
	struct stack_builder *b = arena_alloc(t->mem, sizeof(*b));

	b->t = t;
	b->known = table_new();
	b->may_read = (uint64_t)t->size * 16 + ((uint64_t)1 << 20);
	b->may_keep = (uint64_t)t->size * 4 + ((uint64_t)1 << 20);
	t->modules = grow(t->modules, &b->room_modules, 0, sizeof(*t->modules));
	t->info.n_modules = 1;
	t->stacks = grow(t->stacks, &b->room_stacks, 0, sizeof(*t->stacks));
	t->info.n_stacks = 1;
	return b;
}

void stacks_end(struct stack_builder *b)
{
	table_free(b->known);
	store_free(b->frames);
	store_free(b->reused);
	store_free(b->gone);
}

void stacks_module(struct stack_builder *b, struct payload *from)
{
	struct trace *t = b->t;
	struct module_info m = { .gone = UINT32_MAX };
	const uint8_t *path;
	size_t n_path, n_build_id;
	char *copy;

	m.since = payload_u32(from);
	m.first = payload_varint(from);
	m.end = payload_varint(from);
	m.bias = payload_varint(from);
	path = payload_string(from, &n_path);
	m.build_id = payload_string(from, &n_build_id);
	m.n_build_id = (uint32_t)n_build_id;
	if (from->bad || m.end < m.first) {
		from->bad = true;
		return;
	}
	copy = arena_alloc(t->mem, n_path + 1);
	memcpy(copy, path, n_path);
	m.path = copy;

	t->modules = grow(t->modules, &b->room_modules, t->info.n_modules,
			  sizeof(*t->modules));
	t->modules[t->info.n_modules++] = m;
}

void stacks_module_gone(struct stack_builder *b, struct payload *from)
{
	uint32_t epoch = payload_u32(from);
	uint64_t first = payload_varint(from);

	if (from->bad)
		return;
	b->gone = grow(b->gone, &b->room_gone, b->n_gone, sizeof(*b->gone));
	b->gone[b->n_gone++] = (struct gone){ first, epoch };
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_address(const void *left, const void *right)
{
	const struct module_info *a = left, *b = right;
	int order = compare(a->first, b->first);

	if (!order)
		order = compare(a->since, b->since);
	if (!order)
		order = compare(a->end, b->end);
	return order ? order : strcmp(a->path, b->path);
}

static bool same_module(const struct module_info *a,
			const struct module_info *b)
{
	return a->first == b->first && a->end == b->end && a->bias == b->bias &&
	       a->n_build_id == b->n_build_id &&
	       memcmp(a->build_id, b->build_id, a->n_build_id) == 0 &&
	       strcmp(a->path, b->path) == 0;
}

/* The one that was loaded at this address last before the epoch. */
static struct module_info *module_before(struct trace *t, struct gone gone)
{
	size_t low = 1, high = t->info.n_modules;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct module_info *m = &t->modules[middle];

		if (m->first < gone.first ||
		    (m->first == gone.first && m->since < gone.epoch))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 1 || t->modules[low - 1].first != gone.first)
		return NULL;
	return &t->modules[low - 1];
}

static void add_reused(struct stack_builder *b, uint64_t first, uint64_t end)
{
	struct range *last = b->n_reused ? &b->reused[b->n_reused - 1] : NULL;

	if (last && first <= last->end) {
		if (end > last->end)
			last->end = end;
		return;
	}
	b->reused = grow(b->reused, &b->room_reused, b->n_reused,
			 sizeof(*b->reused));
	b->reused[b->n_reused++] = (struct range){ first, end };
}

void stacks_modules_done(struct stack_builder *b)
{
	struct trace *t = b->t;
	struct module_info *all = t->modules;
	const struct module_info *widest = NULL;
	size_t n = 1;

	t->modules[0] = (struct module_info){
		.path = "",
		.build_id = (const uint8_t *)"",
	};
	qsort(all + 1, t->info.n_modules - 1, sizeof(*all), by_address);
	for (size_t i = 1; i < t->info.n_modules; i++) {
		if (n > 1 && all[i].since == all[n - 1].since &&
		    same_module(&all[i], &all[n - 1]))
			continue;
		all[n++] = all[i];
	}
	t->info.n_modules = n;

	for (size_t i = 1; i < n; i++) {
		const struct module_info *m = &all[i];

		if (widest && m->first < widest->end && !same_module(m, widest))
			add_reused(b, m->first,
				   m->end < widest->end ? m->end : widest->end);
		if (!widest || m->end > widest->end)
			widest = m;
	}
	for (size_t i = 0; i < b->n_gone; i++) {
		struct module_info *m = module_before(t, b->gone[i]);

		if (m && m->gone > b->gone[i].epoch)
			m->gone = b->gone[i].epoch;
	}
}

static bool is_reused(const struct stack_builder *b, uint64_t address)
{
	size_t low = 0, high = b->n_reused;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (address < b->reused[middle].first)
			high = middle;
		else if (address >= b->reused[middle].end)
			low = middle + 1;
		else
			return true;
	}
	return false;
}

/* Makes b->frames those of the stack; false if the payload is not one. */
static bool read_frames(struct stack_builder *b, const struct stream *stream,
			struct payload *from)
{
	uint64_t same = payload_varint(from), n = payload_varint(from);
	uint64_t address = 0;

	if (same > stream->n_last_frames && b->cut)
		same = stream->n_last_frames;
	if (from->bad || n > (uint64_t)(from->end - from->p) ||
	    same > stream->n_last_frames) {
		from->bad = true;
		return false;
	}
	if (n > MAX_FRAMES)
		n = MAX_FRAMES;
	if (same > MAX_FRAMES - n || same > b->may_read) {
		same = 0;
		b->cut = true;
	}
	b->may_read -= same;

	b->n_frames = n + same;
	b->frames = grow(b->frames, &b->room_frames, b->n_frames,
			 sizeof(*b->frames));
	for (uint64_t i = 0; i < n; i++) {
		uint64_t step = payload_varint(from);

		from->bad |= i + 1 < n && from->p == from->end;
		address += (step >> 1) ^ -(step & 1);
		b->frames[i] = address;
	}
	if (same)
		memcpy(b->frames + n,
		       stream->last_frames + (stream->n_last_frames - same),
		       same * sizeof(*b->frames));
	return !from->bad;
}

static uint64_t frames_hash(const struct stack_builder *b)
{
	uint64_t hash = b->n_frames;

	for (size_t i = 0; i < b->n_frames; i++) {
		hash = (hash ^ b->frames[i]) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 32;
	}
	return hash;
}

static uint32_t stack_add(struct stack_builder *b, uint32_t epoch)
{
	struct trace *t = b->t;
	uint64_t *frames;

	if (b->n_frames > b->may_keep) {
		b->n_frames = b->may_keep;
		b->cut = true;
	}
	b->may_keep -= b->n_frames;
	frames = arena_alloc(t->mem, b->n_frames * sizeof(*frames));
	if (b->n_frames)
		memcpy(frames, b->frames, b->n_frames * sizeof(*frames));

	t->stacks = grow(t->stacks, &b->room_stacks, t->info.n_stacks,
			 sizeof(*t->stacks));
	t->stacks[t->info.n_stacks] = (struct stack_info){
		.frames = frames,
		.n_frames = (uint32_t)b->n_frames,
		.epoch = epoch,
	};
	return (uint32_t)t->info.n_stacks++;
}

static bool is_stack(const struct stack_builder *b, uint32_t stack)
{
	const struct stack_info *s = &b->t->stacks[stack];

	return s->n_frames == b->n_frames &&
	       (!b->n_frames || memcmp(s->frames, b->frames,
				       b->n_frames * sizeof(*s->frames)) == 0);
}

/* The stack with the frames just read, made if it is new. */
static uint32_t stack_of_frames(struct stack_builder *b, uint32_t epoch)
{
	uint64_t hash = frames_hash(b), epoch_key = 0;

	for (size_t i = 0; b->n_reused && i < b->n_frames; i++) {
		if (is_reused(b, b->frames[i]))
			epoch_key = (uint64_t)epoch + 1;
	}
	/* Few probes: a file could be made in which all hashes are one. */
	for (int probe = 0; probe < 16; probe++) {
		uint64_t *at = table_at(b->known, hash + probe, epoch_key);

		if (!*at)
			return (uint32_t)(*at = stack_add(b, epoch));
		if (is_stack(b, (uint32_t)*at))
			return (uint32_t)*at;
	}
	return stack_add(b, epoch);
}

void stacks_define(struct stack_builder *b, struct stream *stream,
		   struct payload *from, const uint8_t *at)
{
	uint64_t number = payload_varint(from);
	uint32_t epoch = payload_u32(from), known, stack;

	if (!read_frames(b, stream, from))
		return;
	if (!number) {
		trace_damage(b->t, at, "stack 0 is defined");
		return;
	}
	stack = stack_of_frames(b, epoch);
	stream->last_frames = b->t->stacks[stack].frames;
	stream->n_last_frames = b->t->stacks[stack].n_frames;

	known = numbering_get(&stream->stacks, number);
	if (!known)
		numbering_set(&stream->stacks, number, stack);
	else if (known != stack)
		trace_damage(b->t, at, "stack %llu is defined twice",
			     (unsigned long long)number);
}
