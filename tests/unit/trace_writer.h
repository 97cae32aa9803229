/* SPDX-License-Identifier: MIT */
/*
 * Traces made by hand, for tests of the reader.  Written from
 * include/cmshim/trace.h alone; it knows nothing of the recorder, and it
 * writes whatever it is told, also what no recorder would.
 *
 *	struct writer *w = writer_new();
 *	struct written *c = writer_chunk(w, CMSHIM_CHUNK_EVENTS, 1, 0, 1);
 *
 *	PUT(c, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
 *	PUT(c, RELEASE, NONE);
 *	bytes = writer_bytes(w, &size);
 *
 * Chunks lie in the file in the order in which they were made.
 */
#ifndef TESTS_TRACE_WRITER_H
#define TESTS_TRACE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmshim/trace.h"

/* A chunk; what `head` says may be changed until the bytes are made. */
struct written {
	struct cmshim_chunk head; /* bytes: 0 for what is needed */
	uint8_t *data;		  /* of the records */
	size_t n, room;
	size_t spare; /* zero bytes behind the records, at least */
	size_t def;   /* where the payload of an open definition begins */
	bool aligned; /* starts at a multiple of CMSHIM_CHUNK_ALIGN */
};

struct writer {
	struct cmshim_header header;
	struct written **chunks;
	size_t n_chunks, room_chunks;
	uint8_t *bytes;
	size_t size;
};

/* With a header that is right: clock CMSHIM_CLOCK_MONOTONIC, start at 1000. */
struct writer *writer_new(void);
void writer_free(struct writer *w);

struct written *writer_chunk(struct writer *w, uint16_t type, uint32_t stream,
			     uint32_t index, uint32_t thread);

/* The whole file; the writer's, until it is asked again or freed. */
const uint8_t *writer_bytes(struct writer *w, size_t *size);

struct field {
	uint64_t field; /* enum cmshim_field, or a bit not known yet */
	uint64_t value;
};

#define OBJECT(v)                  \
	{                          \
		CMSHIM_OBJECT, (v) \
	}
#define STACK(v)                  \
	{                         \
		CMSHIM_STACK, (v) \
	}
#define SEQ(v)                  \
	{                       \
		CMSHIM_SEQ, (v) \
	}
#define TIME(v)                  \
	{                        \
		CMSHIM_TIME, (v) \
	}
#define CALL(v)                  \
	{                        \
		CMSHIM_CALL, (v) \
	}
#define FLAGS(v)                  \
	{                         \
		CMSHIM_FLAGS, (v) \
	}
#define ARG(v)                  \
	{                       \
		CMSHIM_ARG, (v) \
	}
#define KEY(v)                  \
	{                       \
		CMSHIM_KEY, (v) \
	}
#define CODE(v)                  \
	{                        \
		CMSHIM_CODE, (v) \
	}
#define END(v)                  \
	{                       \
		CMSHIM_END, (v) \
	}
#define DURATION(v)                  \
	{                            \
		CMSHIM_DURATION, (v) \
	}
#define NONE         \
	{            \
		0, 0 \
	}

/* One event.  A mask is written if the fields are not those of the op. */
#define PUT(chunk, op, ...) PUT_OP(chunk, CMSHIM_OP_##op, __VA_ARGS__)
#define PUT_OP(chunk, op, ...)                                          \
	written_event(chunk, op, (const struct field[]){ __VA_ARGS__ }, \
		      sizeof((const struct field[]){ __VA_ARGS__ }) /   \
			      sizeof(struct field))

void written_event(struct written *c, uint8_t op, const struct field *fields,
		   size_t n);

/* The byte of the chunk at which the next record will begin. */
uint64_t written_at(const struct written *c);

/* A definition: its payload, piece by piece, between begin and end. */
void def_begin(struct written *c, uint8_t kind);
void def_number(struct written *c, uint64_t value);
void def_text(struct written *c, const char *text);
void def_end(struct written *c);

/* Definitions with what most tests need of them. */
void define_object(struct written *c, uint64_t number, uint64_t class,
		   uint64_t first);
void define_call(struct written *c, uint64_t number, uint64_t op,
		 uint64_t class, const char *name);
void define_thread(struct written *c, uint64_t number, uint64_t parent);
void define_stack(struct written *c, uint64_t number, uint64_t epoch,
		  uint64_t same, const uint64_t *addresses, size_t n);
void define_module(struct written *c, uint64_t epoch, uint64_t first,
		   uint64_t end, const char *path);

/* Bytes as they are. */
void written_byte(struct written *c, uint8_t byte);
void written_varint(struct written *c, uint64_t value);

#endif
