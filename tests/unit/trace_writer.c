/* SPDX-License-Identifier: MIT */
/*
 * Traces made by hand: see trace_writer.h.
 */
#include "trace_writer.h"

#include <stdlib.h>
#include <string.h>

static void *need(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

struct writer *writer_new(void)
{
	struct writer *w = need(calloc(1, sizeof(*w)));
	struct cmshim_header *h = &w->header;

	memcpy(h->magic, CMSHIM_TRACE_MAGIC, sizeof(h->magic));
	h->version = CMSHIM_TRACE_VERSION;
	h->byte_order = CMSHIM_BYTE_ORDER;
	h->header_bytes = CMSHIM_CHUNK_ALIGN;
	h->machine = 62; /* EM_X86_64 */
	h->word_bytes = 8;
	h->pid = 4711;
	h->parent_pid = 1;
	h->clock = CMSHIM_CLOCK_MONOTONIC;
	h->start = h->last = (struct cmshim_stamp){ 1000, 1000 };
	h->state = CMSHIM_EXITED;
	strncpy(h->program, "/bin/written", sizeof(h->program) - 1);
	return w;
}

void writer_free(struct writer *w)
{
	for (size_t i = 0; i < w->n_chunks; i++) {
		free(w->chunks[i]->data);
		free(w->chunks[i]);
	}
	free(w->chunks);
	free(w->bytes);
	free(w);
}

struct written *writer_chunk(struct writer *w, uint16_t type, uint32_t stream,
			     uint32_t index, uint32_t thread)
{
	struct written *c = need(calloc(1, sizeof(*c)));

	if (w->n_chunks == w->room_chunks) {
		w->room_chunks = w->room_chunks * 2 + 8;
		w->chunks =
			need(realloc(w->chunks, w->room_chunks * sizeof(c)));
	}
	w->chunks[w->n_chunks++] = c;
	c->head = (struct cmshim_chunk){
		.magic = CMSHIM_CHUNK_MAGIC,
		.type = type,
		.stream = stream,
		.index = index,
		.thread = thread,
		.start = w->header.start,
	};
	return c;
}

static void put_bytes(struct written *c, const void *bytes, size_t n)
{
	if (c->room - c->n < n) {
		c->room = c->room * 2 + n + 64;
		c->data = need(realloc(c->data, c->room));
	}
	memcpy(c->data + c->n, bytes, n);
	c->n += n;
}

void written_byte(struct written *c, uint8_t byte)
{
	put_bytes(c, &byte, 1);
}

static size_t varint(uint8_t *to, uint64_t value)
{
	size_t n = 0;

	for (; value > 0x7f; value >>= 7)
		to[n++] = (uint8_t)(value | 0x80);
	to[n++] = (uint8_t)value;
	return n;
}

void written_varint(struct written *c, uint64_t value)
{
	uint8_t bytes[10];

	put_bytes(c, bytes, varint(bytes, value));
}

static uint64_t default_fields(uint8_t op)
{
	switch (op) {
#define X(name, number, fields, numbered, text) \
	case number:                            \
		return (fields);
		CMSHIM_OPS(X)
#undef X
	default:
		return UINT64_MAX; /* always with its mask */
	}
}

void written_event(struct written *c, uint8_t op, const struct field *fields,
		   size_t n)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < n; i++)
		mask |= fields[i].field;
	if (mask == default_fields(op)) {
		written_byte(c, op);
	} else {
		written_byte(c, op | CMSHIM_MASK_FOLLOWS);
		written_varint(c, mask);
	}
	for (uint64_t bit = 1; bit; bit <<= 1) {
		for (size_t i = 0; i < n; i++) {
			if (fields[i].field == bit)
				written_varint(c, fields[i].value);
		}
	}
}

uint64_t written_at(const struct written *c)
{
	return sizeof(c->head) + c->n;
}

/* The length of the payload is known only at its end. */
void def_begin(struct written *c, uint8_t kind)
{
	written_byte(c, kind);
	c->def = c->n;
}

void def_number(struct written *c, uint64_t value)
{
	written_varint(c, value);
}

void def_text(struct written *c, const char *text)
{
	written_varint(c, strlen(text));
	put_bytes(c, text, strlen(text));
}

void def_end(struct written *c)
{
	size_t n = c->n - c->def;
	uint8_t length[10], *payload = need(malloc(n + 1));

	memcpy(payload, c->data + c->def, n);
	c->n = c->def;
	put_bytes(c, length, varint(length, n));
	put_bytes(c, payload, n);
	free(payload);
}

void define_object(struct written *c, uint64_t number, uint64_t class,
		   uint64_t first)
{
	def_begin(c, CMSHIM_DEF_OBJECT);
	def_number(c, number);
	def_number(c, class);
	def_number(c, 0);		     /* kind */
	def_number(c, 0x1000 + number * 64); /* address */
	def_number(c, first);
	def_end(c);
}

void define_call(struct written *c, uint64_t number, uint64_t op,
		 uint64_t class, const char *name)
{
	def_begin(c, CMSHIM_DEF_CALL);
	def_number(c, number);
	def_number(c, op);
	def_number(c, class);
	def_number(c, 0); /* family */
	def_text(c, name);
	def_end(c);
}

void define_thread(struct written *c, uint64_t number, uint64_t parent)
{
	def_begin(c, CMSHIM_DEF_THREAD);
	def_number(c, number);
	def_number(c, 100 + number); /* kernel id */
	def_number(c, parent);
	def_end(c);
}

void define_stack(struct written *c, uint64_t number, uint64_t epoch,
		  uint64_t same, const uint64_t *addresses, size_t n)
{
	uint64_t before = 0;

	def_begin(c, CMSHIM_DEF_STACK);
	def_number(c, number);
	def_number(c, epoch);
	def_number(c, same);
	def_number(c, n);
	for (size_t i = 0; i < n; i++) {
		uint64_t step = addresses[i] - before;

		def_number(c, step << 1 ^ -(step >> 63));
		before = addresses[i];
	}
	def_end(c);
}

void define_module(struct written *c, uint64_t epoch, uint64_t first,
		   uint64_t end, const char *path)
{
	def_begin(c, CMSHIM_DEF_MODULE);
	def_number(c, epoch);
	def_number(c, first);
	def_number(c, end);
	def_number(c, first); /* bias */
	def_text(c, path);
	def_text(c, "id"); /* build id */
	def_end(c);
}

const uint8_t *writer_bytes(struct writer *w, size_t *size)
{
	size_t at = CMSHIM_CHUNK_ALIGN;

	free(w->bytes);
	w->size = at;
	for (size_t i = 0; i < w->n_chunks; i++)
		w->size += CMSHIM_CHUNK_ALIGN + sizeof(struct cmshim_chunk) +
			   w->chunks[i]->n + w->chunks[i]->spare + 64;
	w->bytes = need(calloc(1, w->size));
	memcpy(w->bytes, &w->header, sizeof(w->header));

	for (size_t i = 0; i < w->n_chunks; i++) {
		struct written *c = w->chunks[i];
		struct cmshim_chunk head = c->head;
		size_t bytes = sizeof(head) + c->n + c->spare;

		bytes = (bytes + 63) / 64 * 64;
		if (!head.bytes)
			head.bytes = bytes;
		if (c->aligned)
			at = (at + CMSHIM_CHUNK_ALIGN - 1) /
			     CMSHIM_CHUNK_ALIGN * CMSHIM_CHUNK_ALIGN;
		memcpy(w->bytes + at, &head, sizeof(head));
		if (c->n)
			memcpy(w->bytes + at + sizeof(head), c->data, c->n);
		at += bytes;
	}
	*size = w->size = at;
	return w->bytes;
}
