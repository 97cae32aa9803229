/* SPDX-License-Identifier: MIT */
/*
 * A hash table of fixed size, a rule in a word.  Addresses stay when their
 * rules are forgotten, so a reader never sees one row become another's.
 */
#include "unwind_rules.h"

#include <stdatomic.h>
#include <stddef.h>

#include "sys.h"

#define N_RULES	  (1u << 16)
#define RULE_BITS 16
#define WINDOW	  16

struct row {
	_Atomic uint64_t pc;
	_Atomic uint64_t packed; /* 0: not known yet */
};

/* Kept across fork: the code is the same. */
static struct row *rows;
/* Those that have an address.  Touched as used. */
static uint16_t used[N_RULES];
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

/* The row of pc, or with add a free one made its; NULL: none. */
static struct row *find(uintptr_t pc, bool add)
{
	uint32_t at =
		(uint32_t)((pc * 0x9e3779b97f4a7c15u) >> (64 - RULE_BITS));

	for (int i = 0; i < WINDOW; i++) {
		struct row *row = &rows[(at + i) & (N_RULES - 1)];
		uint64_t there =
			atomic_load_explicit(&row->pc, memory_order_acquire);

		if (there == pc)
			return row;
		if (there)
			continue;
		if (!add)
			return NULL;
		used[n_used++] = (uint16_t)(row - rows);
		atomic_store_explicit(&row->pc, pc, memory_order_release);
		return row;
	}
	return NULL;
}

struct rule unwind_known(uintptr_t pc)
{
	struct row *row = rows ? find(pc, false) : NULL;

	if (!row)
		return (struct rule){ .kind = RULE_UNKNOWN };
	return unpack(atomic_load_explicit(&row->packed, memory_order_acquire));
}

void rules_begin(void)
{
	rows = sys_memory(N_RULES * sizeof(*rows), 0);
}

bool rules_are_kept(void)
{
	return rows;
}

void rules_set(uintptr_t pc, struct rule rule)
{
	struct row *row = find(pc, true);

	if (row)
		atomic_store_explicit(&row->packed, pack(rule),
				      memory_order_release);
}

/* Of addresses in [first, end).  Returns whether there were any. */
static bool forget(uintptr_t first, uintptr_t end, bool cut_only)
{
	bool any = false;

	for (uint32_t i = 0; i < n_used; i++) {
		struct row *row = &rows[used[i]];
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
