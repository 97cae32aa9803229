/* SPDX-License-Identifier: MIT */
/*
 * Definitions: gives dense numbers to what the file has numbered as it
 * pleased, and fills the arrays of struct trace_info.
 *
 * What is defined in one stream may be used in any other, so all definitions
 * are read before the first event; in three passes, because some speak of
 * others: modules, families and threads; stacks, calls and objects; names.
 */
#include "trace/trace_impl.h"

#include <stdlib.h>
#include <string.h>

struct defs {
	struct trace *t;
	struct stack_builder *stacks;
	uint32_t *threads; /* numbers, as they come */
	size_t n_threads, room_threads;
	size_t room_calls, room_families, room_objects;
	uint64_t *call_numbers; /* by dense number */
	size_t room_call_numbers;
	uint64_t *first; /* of each object's numbers */
	size_t room_first;
};

struct definition {
	struct payload payload;
	struct stream *stream;
	const uint8_t *at;
};

void numbering_set(struct numbering *numbers, uint64_t number, uint32_t dense)
{
	numbers->n++;
	if (number >= 4 * (uint64_t)numbers->n + 64) {
		if (!numbers->outliers)
			numbers->outliers = table_new();
		*table_at(numbers->outliers, number, 0) = dense;
		return;
	}
	if (number >= numbers->room)
		numbers->dense = grow(numbers->dense, &numbers->room, number,
				      sizeof(*numbers->dense));
	numbers->dense[number] = dense;
}

uint32_t numbering_outlier(const struct numbering *numbers, uint64_t number)
{
	const uint64_t *at = table_find(numbers->outliers, number, 0);

	return at ? (uint32_t)*at : 0;
}

void numbering_release(struct numbering *numbers)
{
	store_free(numbers->dense);
	table_free(numbers->outliers);
}

uint64_t payload_varint(struct payload *from)
{
	uint64_t value = 0, byte;

	/* What a recorder did not know of is missing at the end: zero. */
	if (from->bad || from->p == from->end)
		return 0;
	for (unsigned shift = 0; shift < 70; shift += 7) {
		if (from->p == from->end)
			break;
		byte = *from->p++;
		if (shift == 63 && byte > 1)
			break;
		value |= (byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	from->bad = true;
	return 0;
}

uint32_t payload_u32(struct payload *from)
{
	uint64_t value = payload_varint(from);

	return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

const uint8_t *payload_string(struct payload *from, size_t *n)
{
	uint64_t length = payload_varint(from);
	const uint8_t *start = from->p;

	if (length > (uint64_t)(from->end - from->p)) {
		from->bad = true;
		length = 0;
	}
	from->p += length;
	*n = length;
	return start;
}

static char *string_copy(struct trace *t, struct payload *from)
{
	size_t n;
	const uint8_t *bytes = payload_string(from, &n);
	char *copy;

	if (from->bad)
		return NULL;
	copy = arena_alloc(t->mem, n + 1);
	return memcpy(copy, bytes, n);
}

static void define_call(struct defs *d, struct definition *def)
{
	struct trace *t = d->t;
	struct payload *from = &def->payload;
	uint64_t number = payload_varint(from), op = payload_varint(from);
	uint64_t class = payload_varint(from), family = payload_varint(from);
	const char *name = string_copy(t, from);
	size_t n = t->info.n_calls;
	uint32_t dense;

	if (from->bad || numbering_get(&t->call_numbers, number))
		return;
	/* Of an op that is not known: no event of it comes out. */
	if (op >= CMSHIM_N_OPS || class >= CMSHIM_N_CLASSES)
		op = class = 0;
	t->calls = grow(t->calls, &d->room_calls, n, sizeof(*t->calls));
	d->call_numbers = grow(d->call_numbers, &d->room_call_numbers, n,
			       sizeof(*d->call_numbers));
	dense = (uint32_t)t->info.n_calls++;
	d->call_numbers[dense] = number;
	t->calls[dense] = (struct call_info){
		.name = name,
		.op = (uint8_t)op,
		.class = (uint8_t) class,
		.family = (uint16_t)numbering_get(&t->family_numbers, family),
	};
	numbering_set(&t->call_numbers, number, dense);
	if (!op)
		return;

	for (uint64_t c = class;; c = 0) { /* of its class, and of any */
		uint32_t *natural = &t->natural[op][c];

		if (!*natural || number < d->call_numbers[*natural])
			*natural = dense;
		if (!c)
			break;
	}
}

static void define_family(struct defs *d, struct definition *def)
{
	struct trace *t = d->t;
	struct payload *from = &def->payload;
	uint64_t number = payload_varint(from);
	uint32_t discipline = payload_u32(from);
	const char *title = string_copy(t, from);
	size_t n = t->info.n_families;

	if (from->bad || numbering_get(&t->family_numbers, number))
		return;
	if (!number || n > UINT16_MAX) { /* call_info.family is that narrow */
		trace_damage(t, def->at, "an impossible family");
		return;
	}
	t->families =
		grow(t->families, &d->room_families, n, sizeof(*t->families));
	t->families[n] = (struct family_info){ title, discipline };
	numbering_set(&t->family_numbers, number,
		      (uint32_t)t->info.n_families++);
}

/* One that a later recorder may know is none that anybody looks for. */
static uint32_t object_class(uint64_t class)
{
	return class < CMSHIM_N_CLASSES ? (uint32_t) class : CMSHIM_NONE;
}

static void define_object(struct defs *d, struct definition *def)
{
	struct trace *t = d->t;
	struct payload *from = &def->payload;
	uint64_t number = payload_varint(from), first, stack;
	struct object_info o = { .class = object_class(payload_varint(from)) };
	size_t n = t->info.n_objects;
	const struct object_info *known;

	o.kind = payload_u32(from);
	o.address = payload_varint(from);
	first = payload_varint(from);
	o.family = numbering_get(&t->family_numbers, payload_varint(from));
	stack = payload_varint(from);
	o.stack = numbering_get(&def->stream->stacks, stack);
	o.generation = payload_u32(from);
	if (from->bad)
		return;
	if (first >= NUMBER_LIMIT) {
		trace_damage(t, def->at, "an object with an impossible number");
		first = 1;
	}
	if (stack && !o.stack)
		trace_undefined(t, def->at, "stack", stack);

	known = &t->objects[numbering_get(&t->object_numbers, number)];
	if (known != t->objects) {
		if (known->address != o.address || known->class != o.class ||
		    known->generation != o.generation)
			trace_damage(t, def->at, "object %llu is defined twice",
				     (unsigned long long)number);
		return;
	}
	d->first = grow(d->first, &d->room_first, n, sizeof(*d->first));
	d->first[n] = first ? first : 1;
	t->objects = grow(t->objects, &d->room_objects, n, sizeof(*t->objects));
	t->objects[n] = o;
	numbering_set(&t->object_numbers, number, (uint32_t)n);
	t->info.n_objects++;
}

static void define_thread(struct defs *d, struct definition *def)
{
	struct trace *t = d->t;
	struct payload *from = &def->payload;
	uint64_t number = payload_varint(from);
	uint32_t kernel_id = payload_u32(from);
	uint64_t parent = payload_varint(from);
	uint64_t start_routine = payload_varint(from);
	uint32_t epoch = payload_u32(from);
	struct thread_info *info =
		&t->thread_infos[numbering_get(&t->thread_numbers, number)];

	if (from->bad || info == t->thread_infos)
		return;
	/* Both its creator and itself may have defined it, each with what it
	   knew. */
	if (kernel_id)
		info->kernel_id = kernel_id;
	if (parent)
		info->parent = numbering_get(&t->thread_numbers, parent);
	if (start_routine) {
		info->start_routine = start_routine;
		info->epoch = epoch;
	}
}

static void add_thread(struct defs *d, uint32_t number)
{
	if (!number)
		return;
	d->threads = grow(d->threads, &d->room_threads, d->n_threads,
			  sizeof(*d->threads));
	d->threads[d->n_threads++] = number;
}

static void collect_thread(struct defs *d, struct definition *def)
{
	uint64_t number = payload_varint(&def->payload);

	if (!number || number > UINT32_MAX) {
		trace_damage(d->t, def->at, "an impossible thread");
		return;
	}
	add_thread(d, (uint32_t)number);
}

static int by_number(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

static void number_threads(struct defs *d)
{
	struct trace *t = d->t;
	uint32_t n = 1;

	for (size_t i = t->n_defs_chunks; i < t->n_chunks; i++)
		add_thread(d, t->chunks[i].thread_number);
	if (d->n_threads)
		qsort(d->threads, d->n_threads, sizeof(*d->threads), by_number);

	t->thread_infos = arena_alloc(t->mem, (d->n_threads + 1) *
						      sizeof(*t->thread_infos));
	for (size_t i = 0; i < d->n_threads; i++) {
		if (i && d->threads[i] == d->threads[i - 1])
			continue;
		t->thread_infos[n].number = d->threads[i];
		numbering_set(&t->thread_numbers, d->threads[i], n++);
	}
	t->info.n_threads = n;
}

static void name_thread(struct defs *d, struct definition *def)
{
	struct trace *t = d->t;
	uint64_t number = payload_varint(&def->payload);
	uint32_t thread = numbering_get(&t->thread_numbers, number);
	const char *name = string_copy(t, &def->payload);

	if (name && thread)
		t->thread_infos[thread].name = name;
}

static void name_object(struct defs *d, struct definition *def)
{
	struct trace *t = d->t;
	uint64_t number = payload_varint(&def->payload);
	uint32_t object = numbering_get(&t->object_numbers, number);
	const char *name = string_copy(t, &def->payload);

	if (name && object)
		t->objects[object].name = name;
	else if (name)
		trace_undefined(t, def->at, "object", number);
}

static void define_stack(struct defs *d, struct definition *def)
{
	stacks_define(d->stacks, def->stream, &def->payload, def->at);
}

static void define_module(struct defs *d, struct definition *def)
{
	stacks_module(d->stacks, &def->payload);
}

static void define_module_gone(struct defs *d, struct definition *def)
{
	stacks_module_gone(d->stacks, &def->payload);
}

typedef void definer(struct defs *d, struct definition *def);

enum { PASSES = 3, KINDS = CMSHIM_DEF_NAME + 1 };

static definer *const definers[PASSES][KINDS] = {
	{
		[CMSHIM_DEF_MODULE] = define_module,
		[CMSHIM_DEF_MODULE_GONE] = define_module_gone,
		[CMSHIM_DEF_FAMILY] = define_family,
		[CMSHIM_DEF_THREAD] = collect_thread,
	},
	{
		[CMSHIM_DEF_STACK] = define_stack,
		[CMSHIM_DEF_CALL] = define_call,
		[CMSHIM_DEF_OBJECT] = define_object,
		[CMSHIM_DEF_THREAD] = define_thread,
	},
	{
		[CMSHIM_DEF_NAME] = name_object,
		[CMSHIM_DEF_THREAD_NAME] = name_thread,
	},
};

static void read_chunk(struct defs *d, const struct chunk *c, int pass)
{
	struct trace *t = d->t;
	struct stream *stream = &t->streams[c->stream];
	struct payload rest = { .p = c->at + sizeof(struct cmshim_chunk),
				.end = c->at + c->bytes };
	struct definition def = { .stream = stream };

	if (c->bytes < sizeof(struct cmshim_chunk))
		return;
	stream->defs_end = NULL;
	while (rest.p < rest.end && *rest.p) {
		uint8_t kind = *rest.p;
		uint64_t bytes;

		def.at = rest.p++;
		bytes = payload_varint(&rest);
		if (rest.bad || rest.p == def.at + 1 || !bytes ||
		    bytes > (uint64_t)(rest.end - rest.p)) {
			if (pass == 0 && !c->cut)
				trace_damage(t, def.at,
					     "a definition that does not end");
			rest.p = def.at;
			break;
		}
		def.payload = (struct payload){ rest.p, rest.p + bytes, false };
		rest.p += bytes;
		if (kind >= KINDS || !definers[pass][kind])
			continue;
		definers[pass][kind](d, &def);
		if (def.payload.bad)
			trace_damage(t, def.at,
				     "a definition with an impossible payload");
	}
	if (rest.p < rest.end)
		stream->defs_end = rest.p;
	if (pass == 0)
		t->info.n_bytes += (uint64_t)(rest.p - c->at) -
				   sizeof(struct cmshim_chunk);
}

static void begin(struct defs *d, struct trace *t)
{
	t->calls = grow(t->calls, &d->room_calls, 0, sizeof(*t->calls));
	t->families =
		grow(t->families, &d->room_families, 0, sizeof(*t->families));
	t->objects = grow(t->objects, &d->room_objects, 0, sizeof(*t->objects));
	t->calls[0].name = t->families[0].title = "";
	t->info.n_calls = t->info.n_families = t->info.n_objects = 1;
	d->stacks = stacks_begin(t);
}

/*
 * The recorder's table says of each function what it does when all goes well.
 * The other events of the same call are that function's, too.
 */
static void derive_natural(struct trace *t)
{
	static const uint8_t same[][2] = {
		{ CMSHIM_OP_RELEASE_SHARED, CMSHIM_OP_RELEASE },
		{ CMSHIM_OP_RELEASE_FAILED, CMSHIM_OP_RELEASE },
		{ CMSHIM_OP_REQUEST, CMSHIM_OP_ACQUIRE },
		{ CMSHIM_OP_REQUEST, CMSHIM_OP_TAKE },
		{ CMSHIM_OP_REQUEST_SHARED, CMSHIM_OP_ACQUIRE_SHARED },
		{ CMSHIM_OP_REQUEST_FAILED, CMSHIM_OP_ACQUIRE },
		{ CMSHIM_OP_REQUEST_FAILED, CMSHIM_OP_TAKE },
		{ CMSHIM_OP_WAKE, CMSHIM_OP_WAIT },
		{ CMSHIM_OP_SIGNALLED, CMSHIM_OP_SIGNAL },
		{ CMSHIM_OP_DEPART, CMSHIM_OP_ARRIVE },
		{ CMSHIM_OP_ONCE_RAN, CMSHIM_OP_ONCE_RETURN },
		{ CMSHIM_OP_ONCE_RETURN, CMSHIM_OP_ONCE_RAN },
		{ CMSHIM_OP_CREATE_FAILED, CMSHIM_OP_CREATE },
		{ CMSHIM_OP_FORKED, CMSHIM_OP_FORK },
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		for (int class = 0; class < CMSHIM_N_CLASSES; class ++) {
			uint32_t *natural = &t->natural[same[i][0]][class];

			if (!*natural)
				*natural = t->natural[same[i][1]][class];
		}
	}
}

static void end(struct defs *d, struct trace *t)
{
	derive_natural(t);
	t->lines = arena_alloc(t->mem, t->info.n_objects * sizeof(*t->lines));
	for (size_t i = 1; i < t->info.n_objects; i++) {
		t->lines[i].first = d->first[i];
		t->lines[i].class = (uint8_t)t->objects[i].class;
	}
	t->info.calls = t->calls;
	t->info.families = t->families;
	t->info.objects = t->objects;
	t->info.threads = t->thread_infos;
	t->info.stacks = t->stacks;
	t->info.modules = t->modules;

	stacks_end(d->stacks);
	store_free(d->threads);
	store_free(d->call_numbers);
	store_free(d->first);
}

void defs_read(struct trace *t)
{
	struct defs d = { .t = t };

	begin(&d, t);
	for (int pass = 0; pass < PASSES; pass++) {
		for (size_t i = 0; i < t->n_defs_chunks; i++)
			read_chunk(&d, &t->chunks[i], pass);
		if (pass == 0) {
			stacks_modules_done(d.stacks);
			number_threads(&d);
		}
	}
	end(&d, t);
}

void defs_release(struct trace *t)
{
	for (size_t i = 0; i < t->n_streams; i++)
		numbering_release(&t->streams[i].stacks);
	numbering_release(&t->call_numbers);
	numbering_release(&t->family_numbers);
	numbering_release(&t->object_numbers);
	numbering_release(&t->thread_numbers);
	store_free(t->calls);
	store_free(t->families);
	store_free(t->objects);
	store_free(t->stacks);
	store_free(t->modules);
}
