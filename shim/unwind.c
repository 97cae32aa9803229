/* SPDX-License-Identifier: MIT */
/*
 * libunwind is asked once per code address, not once per event: a step of
 * its cursor costs about a microsecond, takes locks and makes system calls.
 *
 * What a rule looks like cannot be asked of its interface, so it is found by
 * experiment: a step is made from the true registers, and another from the
 * same ones with the frame pointer and all the others moved by different
 * distances.  If the canonical frame address stays, it depends on the stack
 * pointer alone; if it moves as the frame pointer did, on that alone;
 * anything else (a realigned stack, an expression) is not followed.  With
 * that a rule is a function of the code address, and a walk needs nothing but
 * this table and the stack.
 */
#include "unwind.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#define UNW_LOCAL_ONLY
#include <libunwind.h>

#include "context.h"
#include "module.h"
#include "process.h"
#include "sys.h"

#define N_RULES	  (1u << 16)
#define RULE_BITS 16
#define WINDOW	  16

/* libunwind wants 5 KiB of stack, its system calls' wrappers a little. */
#define STACK_NEEDED (16 << 10)

struct row {
	_Atomic uint64_t pc;
	_Atomic uint64_t packed; /* 0: not known yet */
};

/* Kept across fork: the code is the same. */
static struct row *rows;
static atomic_flag busy = ATOMIC_FLAG_INIT;

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
	uint32_t at = (uint32_t)((pc * 0x9e3779b97f4a7c15u) >>
				 (64 - RULE_BITS));

	for (int i = 0; i < WINDOW; i++) {
		struct row *row = &rows[(at + i) & (N_RULES - 1)];
		uint64_t there = atomic_load_explicit(&row->pc,
						      memory_order_acquire);

		if (there == pc)
			return row;
		if (there)
			continue;
		if (!add)
			return NULL;
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

void unwind_lock(void)
{
	while (atomic_flag_test_and_set_explicit(&busy, memory_order_acquire))
		sys_call3(SYS_sched_yield, 0, 0, 0);
}

void unwind_unlock(void)
{
	atomic_flag_clear_explicit(&busy, memory_order_release);
}

/*
 * Learning takes microseconds, so who comes second waits a moment, but never
 * for a thread that may be stopped: what is not learnt now is learnt later.
 */
static bool try_lock(void)
{
	for (int i = 0; i < 2000; i++) {
		if (!atomic_flag_test_and_set_explicit(&busy,
						       memory_order_acquire))
			return true;
#if defined(__x86_64__)
		__builtin_ia32_pause();
#endif
	}
	return false;
}

#if defined(__x86_64__)

/* Kept off the stack: together 2 KiB.  Under the lock. */
static unw_context_t from;
static unw_cursor_t cursor;

enum outcome { STEPPED, STEP_END, STEP_FAILED };

struct after {
	uintptr_t cfa;
	bool saves_fp;
	intptr_t fp_offset;
};

/* One step from made-up registers. */
static enum outcome step(const struct registers *at, uintptr_t others,
			 struct after *out)
{
	greg_t *regs = from.uc_mcontext.gregs;
	unw_proc_info_t proc;
	unw_save_loc_t loc;
	unw_word_t sp, ip;
	int r;

	memset(&from, 0, sizeof(from));
	for (int i = 0; i <= REG_RCX; i++)
		regs[i] = (greg_t)others;
	regs[REG_RIP] = (greg_t)at->pc;
	regs[REG_RSP] = (greg_t)at->sp;
	regs[REG_RBP] = (greg_t)at->fp;

	if (unw_init_local(&cursor, &from) < 0)
		return STEP_FAILED;
	/* Without unwind information a step would guess. */
	if (unw_get_proc_info(&cursor, &proc) < 0 ||
	    unw_is_signal_frame(&cursor) > 0)
		return STEP_FAILED;
	r = unw_step(&cursor);
	if (r == 0)
		return STEP_END;
	if (r < 0 || unw_get_reg(&cursor, UNW_REG_SP, &sp) < 0 ||
	    unw_get_reg(&cursor, UNW_REG_IP, &ip) < 0)
		return STEP_FAILED;
	if (ip == 0)
		return STEP_END;
	out->cfa = sp;

	if (unw_get_save_loc(&cursor, UNW_X86_64_RIP, &loc) < 0 ||
	    loc.type != UNW_SLT_MEMORY || loc.u.addr != sp - 8)
		return STEP_FAILED;
	if (unw_get_save_loc(&cursor, UNW_X86_64_RBP, &loc) < 0)
		return STEP_FAILED;
	out->saves_fp = loc.type == UNW_SLT_MEMORY &&
			loc.u.addr != (unw_word_t)(uintptr_t)&regs[REG_RBP];
	out->fp_offset = out->saves_fp ? (intptr_t)(loc.u.addr - sp) : 0;
	return STEPPED;
}

/*
 * An unsaved register may be said to be in the context or nowhere; a saved
 * one lies within the frame, that is between sp and the CFA.
 */
static bool plausible(const struct registers *at, const struct after *a,
		      uintptr_t high)
{
	if (a->cfa <= at->sp || a->cfa > high || (a->cfa & 7))
		return false;
	return !a->saves_fp ||
	       (a->fp_offset < 0 && a->fp_offset >= -(1 << 24) &&
		a->cfa + (uintptr_t)a->fp_offset >= at->sp &&
		(a->fp_offset & 7) == 0);
}

static struct rule experiment(const struct registers *at, uintptr_t high)
{
	const uintptr_t fp_moved = 32, others_moved = 80;
	struct rule rule = { .kind = RULE_CUT };
	struct registers moved = *at;
	struct after first = { 0 }, second = { 0 };

	switch (step(at, at->sp + 8, &first)) {
	case STEP_END:
		rule.kind = RULE_END;
		return rule;
	case STEP_FAILED:
		return rule;
	case STEPPED:
		break;
	}
	if (!plausible(at, &first, high))
		return rule;

	moved.fp += fp_moved;
	if (step(&moved, at->sp + 8 + others_moved, &second) != STEPPED ||
	    second.saves_fp != first.saves_fp ||
	    second.fp_offset != first.fp_offset)
		return rule;

	if (second.cfa == first.cfa) {
		rule.kind = RULE_SP;
		rule.cfa_offset = (int32_t)(first.cfa - at->sp);
	} else if (second.cfa == first.cfa + fp_moved) {
		rule.kind = RULE_FP;
		rule.cfa_offset = (int32_t)(first.cfa - at->fp);
	}
	rule.saves_fp = first.saves_fp;
	rule.fp_offset = (int32_t)first.fp_offset;
	return rule;
}

/* A step made from an address of our own, so that everything that libunwind
   sets up once is set up. */
static void warm_up(void)
{
	uintptr_t stack[64] = { 0 };
	struct registers here = { .pc = (uintptr_t)__builtin_return_address(0),
				  .sp = (uintptr_t)stack,
				  .fp = (uintptr_t)(stack + 32) };
	struct after unused;

	step(&here, (uintptr_t)stack, &unused);
}

#else

static struct rule experiment(const struct registers *at, uintptr_t high)
{
	(void)at;
	(void)high;
	return (struct rule){ .kind = RULE_CUT };
}

static void warm_up(void)
{
}

#endif

void unwind_begin(void)
{
	if (!rows)
		rows = sys_memory(N_RULES * sizeof(*rows), 0);
	unwind_lock();
	warm_up();
	unwind_unlock();
}

bool unwind_can_learn(const struct context *c)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	return rows && here >= c->stack_low + STACK_NEEDED &&
	       here < c->stack_high &&
	       !atomic_load_explicit(&process->fenced, memory_order_relaxed);
}

static void forget_rows(bool cut_only)
{
	for (uint32_t i = 0; rows && i < N_RULES; i++) {
		uint64_t packed = atomic_load_explicit(&rows[i].packed,
						       memory_order_relaxed);

		/* Not to touch pages that never were. */
		if (packed && (!cut_only || unpack(packed).kind == RULE_CUT))
			atomic_store_explicit(&rows[i].packed, 0,
					      memory_order_relaxed);
	}
}

struct rule unwind_learn(struct context *c, const struct registers *at)
{
	struct rule rule = { .kind = RULE_UNKNOWN };
	bool changed;
	struct row *row;
	int error;

	if (!try_lock())
		return rule;

	rule.kind = RULE_CUT;
	if (module_covers(c, at->pc, &changed)) {
		error = errno;
		rule = experiment(at, c->stack_high);
		errno = error;
	}
	/* Code that was there unknown may have been taken for generated. */
	if (changed)
		forget_rows(true);

	row = find(at->pc, true);
	if (row)
		atomic_store_explicit(&row->packed, pack(rule),
				      memory_order_release);
	unwind_unlock();
	return rule;
}

void unwind_forget(struct context *c)
{
	unwind_lock();
	if (module_refresh(c)) {
		forget_rows(false);
		unw_flush_cache(unw_local_addr_space, 0, 0);
	}
	unwind_unlock();
}
