/* SPDX-License-Identifier: MIT */
/*
 * A hash table, a rule in a word.  Addresses stay when their rules are
 * forgotten, so a reader never sees one row become another's.
 *
 * It grows, as most programs have a thousand addresses or two, and each page
 * of it costs a fault.  Readers may be in the table before, which stays: all
 * that were outgrown are a third of the last one.
 */
#include "unwind_rules.h"

#include <stdatomic.h>
#include <stddef.h>

#include "sys.h"

#define FIRST_BITS 12
#define MOST_BITS  16
#define GROW_BITS  2
#define WINDOW	   16

struct row {
	_Atomic uint64_t pc;
	_Atomic uint64_t packed; /* 0: not known yet */
} __attribute__((aligned(16)));

struct rules {
	unsigned bits;
	struct row rows[]; /* [1 << bits] */
};

/* Kept across fork: the code is the same. */
static struct rules *_Atomic current;
/* Its rows that have an address.  Touched as used. */
static uint16_t used[1 << MOST_BITS];
static uint32_t n_used;

/* kind:4 | saves_fp:1 | fp_offset:27 | cfa_offset:32 */
static uint64_t pack(struct rule rule)
{
	return (uint64_t)rule.kind | (uint64_t)rule.saves_fp << 4 |
	       ((uint64_t)(uint32_t)rule.fp_offset & 0x7ffffff) << 5 |
	       (uint64_t)(uint32_t)rule.cfa_offset << 32;
}

static struct rule unpack(uint64_t packed)
{
	return (struct rule){
		.kind = packed & 15,
		.saves_fp = packed >> 4 & 1,
		.fp_offset = (int32_t)((uint32_t)packed & ~31u) >> 5,
		.cfa_offset = (int32_t)(packed >> 32),
	};
}

/* Its row, or the free one where it would be; NULL: there is no room. */
static struct row *place_of(struct rules *rules, uintptr_t pc)
{
	const uint32_t mask = (1u << rules->bits) - 1;
	uint32_t at =
		(uint32_t)((pc * 0x9e3779b97f4a7c15u) >> (64 - rules->bits));

	for (int i = 0; i < WINDOW; i++) {
		struct row *row = &rules->rows[(at + i) & mask];
		uint64_t there =
			atomic_load_explicit(&row->pc, memory_order_acquire);

		if (there == pc || !there)
			return row;
	}
	return NULL;
}

static struct rules *rules_now(void)
{
	return atomic_load_explicit(&current, memory_order_acquire);
}

struct rule unwind_known(uintptr_t pc)
{
	struct rules *rules = rules_now();
	struct row *row = rules ? place_of(rules, pc) : NULL;

	/* A free one may become another address's while it is looked at. */
	if (!row || atomic_load_explicit(&row->pc, memory_order_acquire) != pc)
		return (struct rule){ .kind = RULE_UNKNOWN };
	return unpack(atomic_load_explicit(&row->packed, memory_order_acquire));
}

static struct rules *rules_new(unsigned bits)
{
	struct rules *rules = sys_memory(
		sizeof(*rules) + sizeof(struct row) * (1u << bits), 0);

	if (rules)
		rules->bits = bits;
	return rules;
}

void rules_begin(void)
{
	atomic_store_explicit(&current, rules_new(FIRST_BITS),
			      memory_order_release);
}

bool rules_are_kept(void)
{
	return rules_now();
}

static void put(struct rules *rules, uintptr_t pc, uint64_t packed)
{
	struct row *row = place_of(rules, pc);

	if (!row)
		return;
	if (!atomic_load_explicit(&row->pc, memory_order_relaxed)) {
		used[n_used++] = (uint16_t)(row - rules->rows);
		atomic_store_explicit(&row->pc, pc, memory_order_release);
	}
	atomic_store_explicit(&row->packed, packed, memory_order_release);
}

/* Twice as many rows as addresses at least, as long as there is memory. */
static void make_room(void)
{
	struct rules *old = rules_now(), *rules;
	uint32_t n = n_used;

	if (old->bits == MOST_BITS || n < 1u << (old->bits - 1))
		return;
	rules = rules_new(old->bits + GROW_BITS);
	if (!rules)
		return;
	n_used = 0;
	/* What is overwritten of `used` was read before. */
	for (uint32_t i = 0; i < n; i++) {
		struct row *row = &old->rows[used[i]];
		uint64_t packed = atomic_load_explicit(&row->packed,
						       memory_order_relaxed);

		if (packed)
			put(rules,
			    atomic_load_explicit(&row->pc,
						 memory_order_relaxed),
			    packed);
	}
	atomic_store_explicit(&current, rules, memory_order_release);
}

void rules_set(uintptr_t pc, struct rule rule)
{
	make_room();
	put(rules_now(), pc, pack(rule));
}

/* Of addresses in [first, end).  Returns whether there were any. */
static bool forget(uintptr_t first, uintptr_t end, bool cut_only)
{
	struct rules *rules = rules_now();
	bool any = false;

	for (uint32_t i = 0; i < n_used; i++) {
		struct row *row = &rules->rows[used[i]];
		uintptr_t pc =
			atomic_load_explicit(&row->pc, memory_order_relaxed);
		uint64_t packed = atomic_load_explicit(&row->packed,
						       memory_order_relaxed);

		if (!packed || pc < first || pc >= end ||
		    (cut_only && unpack(packed).kind != RULE_CUT))
			continue;
		atomic_store_explicit(&row->packed, 0, memory_order_relaxed);
		any = true;
	}
	return any;
}

void rules_forget_all(void)
{
	forget(0, UINTPTR_MAX, false);
}

void rules_forget(uintptr_t first, uintptr_t end)
{
	forget(first, end, false);
}

bool rules_forget_cut(uintptr_t first, uintptr_t end)
{
	return forget(first, end, true);
}
