/* SPDX-License-Identifier: MIT */
/*
 * Makes the seeds of tests/fuzz/corpus: one small trace for each part of the
 * format, so that a fuzzer need not find it out, and one of them damaged in
 * each way that bad luck damages files.
 *
 *	cc -D_GNU_SOURCE -Iinclude -Itests/unit -o make_corpus \
 *		tests/fuzz/make_corpus.c tests/unit/trace_writer.c
 *	./make_corpus tests/fuzz/corpus
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace_writer.h"

static const char *folder;

static void save_bytes(const uint8_t *bytes, size_t size, const char *name)
{
	char path[4096];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s.trace", folder, name);
	out = fopen(path, "wb");
	if (!out || fwrite(bytes, 1, size, out) != size || fclose(out) != 0) {
		fprintf(stderr, "cannot write '%s'\n", path);
		exit(2);
	}
}

static void save(struct writer *w, const char *name)
{
	const uint8_t *bytes;
	size_t size;

	bytes = writer_bytes(w, &size);
	save_bytes(bytes, size, name);
	writer_free(w);
}

/* Changes one field of the header, and puts it back. */
static void save_changed(uint8_t *bytes, size_t size, uint32_t *field,
			 uint32_t value, const char *name)
{
	uint32_t was = *field;

	*field = value;
	save_bytes(bytes, size, name);
	*field = was;
}

static void save_damaged(struct writer *w)
{
	struct cmshim_header *head;
	uint8_t *copy;
	const uint8_t *bytes;
	size_t size;

	bytes = writer_bytes(w, &size);
	copy = malloc(size);
	if (!copy)
		exit(2);
	memcpy(copy, bytes, size);
	writer_free(w);
	head = (struct cmshim_header *)copy;

	save_bytes(copy, 0, "damaged_empty");
	save_bytes(copy, 100, "damaged_in_header");
	save_bytes(copy, CMSHIM_CHUNK_ALIGN, "damaged_no_chunks");
	save_bytes(copy, CMSHIM_CHUNK_ALIGN + 40, "damaged_in_chunk_head");
	save_bytes(copy, size - size / 10, "damaged_in_chunk");
	save_changed(copy, size, &head->version, 99, "damaged_version");
	save_changed(copy, size, &head->byte_order, 0x04030201u,
		     "damaged_byte_order");
	save_changed(copy, size, &head->header_bytes, 0xfffffff0u,
		     "damaged_header_bytes");
	save_changed(copy, size, &head->clock, 77, "damaged_clock");
	copy[0] ^= 0xff;
	save_bytes(copy, size, "damaged_magic");
	copy[0] ^= 0xff;
	for (size_t i = CMSHIM_CHUNK_ALIGN; i < size; i += 97)
		copy[i] ^= (uint8_t)(1 << i % 8);
	save_bytes(copy, size, "damaged_bits");
	free(copy);
}

static struct writer *with_definitions(void)
{
	static const uint64_t frames[] = { 0x5010, 0x4ff0, 0x9000 };
	struct writer *w = writer_new();
	struct written *defs = writer_chunk(w, CMSHIM_CHUNK_DEFS, 1, 0, 1);

	w->header.clock = CMSHIM_CLOCK_TSC;
	w->header.last = (struct cmshim_stamp){ 1000000, 400600 };
	def_begin(defs, CMSHIM_DEF_FAMILY);
	def_number(defs, 1);
	def_number(defs, CMSHIM_CALLER_LOCKS);
	def_text(defs, "trees");
	def_end(defs);
	define_call(defs, 1, CMSHIM_OP_ACQUIRE, CMSHIM_MUTEX, "lock");
	define_call(defs, 2, CMSHIM_OP_MAP_READ, CMSHIM_MAP, "find");
	define_module(defs, 0, 0x4000, 0x6000, "/bin/written");
	define_module(defs, 1, 0x8000, 0xa000, "/lib/first.so");
	def_begin(defs, CMSHIM_DEF_MODULE_GONE);
	def_number(defs, 2);
	def_number(defs, 0x8000);
	def_end(defs);
	define_module(defs, 3, 0x8000, 0xa000, "/lib/second.so");
	define_stack(defs, 1, 1, 0, frames, 3);
	define_stack(defs, 2, 3, 2, frames, 1);
	for (uint64_t class = CMSHIM_MUTEX; class < CMSHIM_N_CLASSES; class ++)
		define_object(defs, class, class, 1);
	def_begin(defs, CMSHIM_DEF_NAME);
	def_number(defs, CMSHIM_MUTEX);
	def_text(defs, "the lock");
	def_end(defs);
	define_thread(defs, 1, 0);
	define_thread(defs, 2, 1);
	return w;
}

static struct written *events(struct writer *w, uint32_t thread, uint32_t index)
{
	return writer_chunk(w, CMSHIM_CHUNK_EVENTS, thread, index, thread);
}

static void save_locks(bool damaged)
{
	struct writer *w = with_definitions();
	struct written *a = events(w, 1, 0), *b = events(w, 2, 0);

	PUT(a, CREATE, STACK(1), ARG(2));
	PUT(a, ACQUIRE, OBJECT(CMSHIM_MUTEX), STACK(1), SEQ(1));
	PUT(a, RELEASE, NONE);
	PUT(a, BROADCAST, OBJECT(CMSHIM_CONDITION), STACK(2), SEQ(2));
	PUT(a, SIGNALLED, OBJECT(CMSHIM_CONDITION), END(3));
	PUT(a, JOIN, STACK(1), ARG(2));
	PUT(b, START, TIME(9), ARG(1));
	PUT(b, WAIT, OBJECT(CMSHIM_CONDITION), STACK(2), SEQ(1), TIME(5),
	    ARG(CMSHIM_MUTEX));
	PUT(b, WAKE, OBJECT(CMSHIM_CONDITION), SEQ(3), TIME(80));
	PUT(b, REQUEST, OBJECT(CMSHIM_MUTEX), STACK(1), TIME(5));
	PUT(b, ACQUIRE, OBJECT(CMSHIM_MUTEX), SEQ(3), TIME(70));
	PUT(b, RELEASE, OBJECT(CMSHIM_MUTEX), FLAGS(CMSHIM_FOREIGN));
	PUT(b, RELEASE_FAILED, OBJECT(CMSHIM_MUTEX), CODE(1));
	PUT(b, EXIT, TIME(5));
	if (damaged)
		save_damaged(w);
	else
		save(w, "locks");
}

/* A wait on two words. */
static void save_futexes(void)
{
	struct writer *w = with_definitions();
	struct written *a = events(w, 1, 0), *b = events(w, 2, 0);

	const uint64_t other = CMSHIM_N_CLASSES;

	define_object(writer_chunk(w, CMSHIM_CHUNK_DEFS, 2, 0, 2), other,
		      CMSHIM_FUTEX, 1);
	PUT(a, SIGNAL, OBJECT(other), STACK(2), SEQ(2));
	PUT(a, SIGNALLED, OBJECT(other), END(3));
	PUT(b, WAIT, OBJECT(CMSHIM_FUTEX), STACK(2), SEQ(1), TIME(5));
	PUT(b, WAIT, OBJECT(other), STACK(2), SEQ(1), TIME(1));
	PUT(b, WAKE, OBJECT(other), SEQ(3), TIME(80));
	PUT(b, WAKE, OBJECT(CMSHIM_FUTEX), SEQ(2), TIME(1), CODE(125));
	save(w, "futexes");
}

static void save_maps(void)
{
	struct writer *w = with_definitions();
	struct written *a = events(w, 1, 0), *b = events(w, 2, 0);

	PUT(a, MAP_NEW, OBJECT(CMSHIM_MAP), STACK(1), CALL(2));
	PUT(a, MAP_WRITE, OBJECT(CMSHIM_MAP), SEQ(1), KEY(77), END(2));
	PUT(a, MAP_READ, OBJECT(CMSHIM_MAP), STACK(1), CALL(2), KEY(77));
	PUT(a, MAP_NEXT, OBJECT(CMSHIM_MAP), STACK(1), CALL(2), KEY(5));
	PUT(a, MAP_FREE, OBJECT(CMSHIM_MAP), SEQ(3));
	PUT(b, MAP_ENTER, OBJECT(CMSHIM_MAP), SEQ(2),
	    FLAGS(CMSHIM_WRITE | CMSHIM_OVERLAP));
	PUT(b, ACQUIRE_SHARED, OBJECT(CMSHIM_RWLOCK), STACK(2), SEQ(1));
	PUT(b, RELEASE_SHARED, NONE);
	PUT(b, MAP_EXIT, OBJECT(CMSHIM_MAP), END(2), DURATION(400));
	save(w, "maps");
}

static void save_handler(void)
{
	struct writer *w = with_definitions();
	struct written *a = events(w, 1, 0), *n;

	PUT(a, ACQUIRE, OBJECT(CMSHIM_MUTEX), STACK(1), SEQ(1));
	n = writer_chunk(w, CMSHIM_CHUNK_EVENTS, 9, 0, 1);
	n->head.flags = CMSHIM_CHUNK_NESTED;
	PUT(n, NESTED, ARG(0), KEY(1), END(written_at(a)));
	PUT(n, POST, OBJECT(CMSHIM_SEMAPHORE), SEQ(1));
	PUT(a, RELEASE, NONE);
	PUT(n, NESTED, ARG(0), KEY(1), END(written_at(a)));
	PUT(n, POST, OBJECT(CMSHIM_SEMAPHORE));
	PUT(a, TAKE, OBJECT(CMSHIM_SEMAPHORE), STACK(1), SEQ(3));
	save(w, "handler");
}

static void save_again(void)
{
	struct writer *w = with_definitions();
	struct written *a = events(w, 1, 0), *n;

	PUT(a, ACQUIRE, OBJECT(CMSHIM_MUTEX), STACK(1), SEQ(1));
	PUT(a, RELEASE, NONE);
	PUT(a, ACQUIRE, OBJECT(CMSHIM_MUTEX), STACK(1));
	PUT(a, RELEASE, NONE);
	n = writer_chunk(w, CMSHIM_CHUNK_EVENTS, 9, 0, 1);
	n->head.flags = CMSHIM_CHUNK_NESTED;
	PUT(n, NESTED, ARG(0), KEY(1), END(written_at(a)), CODE(3));
	PUT(n, POST, OBJECT(CMSHIM_SEMAPHORE), SEQ(1));
	written_byte(a, CMSHIM_AGAIN + CMSHIM_AGAIN_MOST);
	written_byte(a, CMSHIM_AGAIN + 4);
	PUT(a, RELEASE, NONE);
	save(w, "again");
}

static void save_missing(void)
{
	struct writer *w = with_definitions();
	struct written *a = events(w, 1, 3), *b = events(w, 2, 0);

	w->header.state = CMSHIM_STOPPED;
	PUT(a, HELD, OBJECT(CMSHIM_MUTEX), ARG(0));
	PUT(a, DROP, ARG(4));
	PUT(a, RELEASE, SEQ(10));
	PUT_OP(a, 59, OBJECT(1), { 1u << 20, 7 });
	a->head.lost = 7;
	b->aligned = true;
	PUT(b, ACQUIRE, OBJECT(CMSHIM_MUTEX), STACK(0), SEQ(5));
	PUT(b, ACQUIRE, OBJECT(CMSHIM_SPINLOCK), STACK(0), SEQ(4));
	PUT(b, JOIN, STACK(0), ARG(1));
	save(w, "missing");
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: make_corpus FOLDER\n");
		return 2;
	}
	folder = argv[1];
	save_locks(false);
	save_locks(true);
	save_futexes();
	save_maps();
	save_handler();
	save_again();
	save_missing();
	return 0;
}
