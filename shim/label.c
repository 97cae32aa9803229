/* SPDX-License-Identifier: MIT */
#include "label.h"

#include <string.h>

#include "object.h"

#define N_LABELS 512
#define WINDOW	 16

/*
 * Words, so that they can be copied while they are written: version is odd
 * meanwhile.  Kept across fork: objects are defined again in the child.
 */
static struct label {
	_Atomic uint64_t address; /* 0: free, for good once it is not */
	_Atomic uint32_t version;
	_Atomic bool used, dropped;
	_Atomic uint64_t words[MAX_LABEL / 8];
} labels[N_LABELS];

static _Atomic bool any;

/* The label of an address; NULL: there is none, or no room for one. */
static struct label *find(uint64_t address, bool make)
{
	size_t at = (address * 0x9e3779b97f4a7c15u) >> 55;

	for (size_t i = 0; i < WINDOW; i++) {
		struct label *l = &labels[(at + i) % N_LABELS];
		uint64_t there = atomic_load(&l->address);

		if (!there && !make)
			return NULL;
		if (!there)
			atomic_compare_exchange_strong(&l->address, &there,
						       address);
		if (!there || there == address)
			return l;
	}
	return NULL;
}

/* Of two threads at once, one writes. */
static void keep(uint64_t address, const char *name)
{
	struct label *l = find(address, true);
	uint64_t words[MAX_LABEL / 8] = { 0 };
	uint32_t version;

	if (!l)
		return;
	version = atomic_load(&l->version);
	if (version % 2 ||
	    !atomic_compare_exchange_strong(&l->version, &version, version + 1))
		return;
	memcpy(words, name, strnlen(name, MAX_LABEL - 1));
	for (int i = 0; i < MAX_LABEL / 8; i++)
		atomic_store(&l->words[i], words[i]);
	atomic_store(&l->used, false);
	atomic_store(&l->dropped, false);
	atomic_store(&l->version, version + 2);
	atomic_store(&any, true);
}

static void define(struct context *c, uint32_t id, const char *name)
{
	uint8_t payload[2 * VARINT_MAX_BYTES + MAX_LABEL];
	size_t n = strnlen(name, MAX_LABEL - 1);
	uint8_t *p = put_varint(payload, id);

	p = put_varint(p, n);
	memcpy(p, name, n);
	context_define(c, CMSHIM_DEF_NAME, payload, (size_t)(p + n - payload));
}

void label_apply(struct context *c, uint64_t address, uint32_t id, bool begins)
{
	uint64_t words[MAX_LABEL / 8];
	struct label *l;
	uint32_t version;

	if (likely(!atomic_load_explicit(&any, memory_order_relaxed)))
		return;
	l = find(address, false);
	if (!l || atomic_load(&l->dropped))
		return;
	if (begins && atomic_load(&l->used)) {
		atomic_store(&l->dropped, true);
		return;
	}
	version = atomic_load(&l->version);
	for (int i = 0; i < MAX_LABEL / 8; i++)
		words[i] = atomic_load(&l->words[i]);
	if (version % 2 || version != atomic_load(&l->version))
		return;
	atomic_store(&l->used, true);
	define(c, id, (const char *)words);
}

void label_set(struct context *c, uint64_t address, const char *name)
{
	bool used = false;
	struct label *l;

	keep(address, name);
	for (int class = 1; class < OBJECT_THREAD_HANDLE; class ++) {
		struct object *o = object_look_up(address << 4 | class);
		uint32_t id = o ? object_id(o) : 0;

		if (!id)
			continue;
		define(c, id, name);
		used = true;
	}
	l = used ? find(address, false) : NULL;
	if (l)
		atomic_store(&l->used, true);
}
