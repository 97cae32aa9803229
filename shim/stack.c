/* SPDX-License-Identifier: MIT */
#include "stack.h"

#include <string.h>

#include "options.h"
#include "sys.h"
#include "unwind.h"

/* A stack as it was walked. */
struct walk {
	uintptr_t pcs[MAX_FRAMES];
	uint16_t n;
	/* What is to be compared for the memo. */
	struct slots slots[MAX_FRAMES + 1];
	uint16_t n_slots;
	bool cut;	/* there is more that is not known */
	bool temporary; /* may be longer the next time: not for the memo */
};

/*
 * Stacks by their hash.  64 well-mixed bits: among 2^20 stacks of a context
 * two collide once in 2^25 runs.
 */
struct stack_row {
	uint64_t hash; /* 0: free */
	uint32_t id;
	uint32_t reserved;
};

#define FIRST_ROWS 512
#define MAX_ROWS   (1u << 20)

struct stack_table {
	struct stack_row *rows;
	uint32_t n_rows; /* a power of two */
	uint32_t n;
	/* The stack defined last: the next one shares its outer frames. */
	uint16_t n_last;
	uintptr_t last[MAX_FRAMES];
	struct walk walk; /* here rather than on a stack of 16 KiB */
};

/* Pages that were never touched stay so. */
static void forget(struct memo *memo)
{
	if (memo->filled) {
		memset(memo->recent, 0, sizeof(memo->recent));
		memset(memo->tree, 0, sizeof(memo->tree));
	}
	memo->filled = false;
	memo->used = 0;
}

void stack_attach(struct context *c)
{
	if (!options.stacks)
		return;
	if (!c->memo)
		c->memo = sys_memory(sizeof(*c->memo), 1);
	if (!c->memo)
		return;
	forget(c->memo);

	if (!c->stacks) {
		c->stacks = sys_memory(sizeof(*c->stacks), 1);
		if (c->stacks) {
			c->stacks->n_rows = FIRST_ROWS;
			c->stacks->rows = sys_memory(
				FIRST_ROWS * sizeof(struct stack_row), 1);
		}
		if (!c->stacks || !c->stacks->rows)
			c->memo = NULL;
	}
}

void stack_recover(struct context *c)
{
	/* No generation there is: the memo is emptied at its next use. */
	c->memo_generation = UINT32_MAX;
	if (c->stacks) {
		/* The number may be defined, and the frames shared with. */
		c->stacks->n++;
		c->stacks->n_last = 0;
	}
}

static bool on_stack(const struct context *c, uintptr_t sp)
{
	return sp >= c->stack_low && sp < c->stack_high;
}

static void compare_later(struct walk *w, const void *frame, uintptr_t slot)
{
	const uint32_t offset = (uint32_t)(slot - (uintptr_t)frame);

	w->slots[w->n_slots / 2].word[w->n_slots % 2] =
		frame_word(frame, offset);
	w->slots[w->n_slots / 2].offset[w->n_slots % 2] = offset;
	w->n_slots++;
}

static struct rule rule_of(struct context *c, const struct registers *at)
{
	struct rule rule = unwind_known(at->pc);

	if (rule.kind == RULE_UNKNOWN && unwind_can_learn(c)) {
		struct signals saved = context_own(c);

		rule = unwind_learn(c, at);
		context_own_end(c, saved);
	}
	return rule;
}

static void walk(struct context *c, const void *frame, struct walk *w)
{
	struct registers at = frame_caller(frame);
	uintptr_t fp_slot = (uintptr_t)frame + FRAME_FP; /* of at.fp */
	bool fp_compared = false;

	w->n = 0;
	w->n_slots = 0;
	w->cut = w->temporary = false;
	w->pcs[w->n++] = at.pc;
	if (!on_stack(c, at.sp)) {
		w->cut = w->temporary = true;
		return;
	}
	for (;;) {
		struct rule rule = rule_of(c, &at);
		uintptr_t cfa;

		if (rule.kind == RULE_END)
			return;
		if (rule.kind == RULE_UNKNOWN || rule.kind == RULE_CUT) {
			w->cut = true;
			w->temporary = rule.kind == RULE_UNKNOWN;
			return;
		}
		cfa = (rule.kind == RULE_SP ? at.sp : at.fp) +
		      (uintptr_t)(intptr_t)rule.cfa_offset;
		if (rule.kind == RULE_FP && !fp_compared) {
			compare_later(w, frame, fp_slot);
			fp_compared = true;
		}
		/* Not the stack we think it is: garbage in fp, say.  Or too
		   far up for struct slots. */
		if (cfa <= at.sp || cfa > c->stack_high || (cfa & 7) ||
		    cfa - (uintptr_t)frame > UINT32_MAX) {
			w->cut = w->temporary = true;
			return;
		}
		if (rule.saves_fp) {
			fp_slot = cfa + (uintptr_t)(intptr_t)rule.fp_offset;
			if (fp_slot < at.sp || fp_slot >= cfa) {
				w->cut = w->temporary = true;
				return;
			}
			at.fp = *(const uintptr_t *)fp_slot;
			fp_compared = false;
		}
		compare_later(w, frame, cfa - 8);
		at.pc = *(const uintptr_t *)(cfa - 8);
		at.sp = cfa;
		if (!at.pc)
			return;
		if (w->n == MAX_FRAMES) {
			w->cut = true;
			return;
		}
		w->pcs[w->n++] = at.pc;
	}
}

static uint64_t hash_of(const struct walk *w, uint32_t generation)
{
	uint64_t h = generation + 1;

	for (int i = 0; i < w->n; i++) {
		h = (h ^ w->pcs[i]) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	return h ? h : 1;
}

static struct stack_row *place_of(struct stack_table *t, uint64_t hash)
{
	uint32_t at = (uint32_t)hash & (t->n_rows - 1);

	while (t->rows[at].hash && t->rows[at].hash != hash)
		at = (at + 1) & (t->n_rows - 1);
	return &t->rows[at];
}

static bool grow(struct stack_table *t)
{
	struct stack_row *old = t->rows;
	uint32_t n_old = t->n_rows;
	struct stack_row *rows;

	if (n_old >= MAX_ROWS || process_is_fenced())
		return false;
	rows = sys_memory(2 * n_old * sizeof(*rows), 1);
	if (!rows)
		return false;
	t->rows = rows;
	t->n_rows = 2 * n_old;
	for (uint32_t i = 0; i < n_old; i++)
		if (old[i].hash)
			*place_of(t, old[i].hash) = old[i];
	sys_unmap(old, n_old * sizeof(*old));
	return true;
}

static bool define(struct context *c, uint32_t id, const struct walk *w)
{
	struct stack_table *t = c->stacks;
	uint8_t payload[(4 + MAX_FRAMES) * VARINT_MAX_BYTES];
	uint8_t *p = payload;
	uint64_t before = 0;
	uint16_t same = 0;

	while (same < w->n && same < t->n_last &&
	       w->pcs[w->n - 1 - same] == t->last[t->n_last - 1 - same])
		same++;

	p = put_varint(p, id);
	p = put_varint(
		p, atomic_load_explicit(&module_epoch, memory_order_acquire));
	p = put_varint(p, same);
	p = put_varint(p, (uint64_t)(w->n - same));
	for (int i = 0; i < w->n - same; i++) {
		int64_t step = (int64_t)(w->pcs[i] - before);

		p = put_varint(p, (uint64_t)step << 1 ^ (uint64_t)(step >> 63));
		before = w->pcs[i];
	}
	if (!context_define(c, CMSHIM_DEF_STACK, payload,
			    (size_t)(p - payload)))
		return false;
	memcpy(t->last, w->pcs, w->n * sizeof(w->pcs[0]));
	t->n_last = w->n;
	return true;
}

/* Slots are compared two at a time, and two at least: what comes twice, or is
   there already, is the return address, which the caller's entry has. */
static void make_even(struct walk *w, const void *frame)
{
	while (w->n_slots == 0 || w->n_slots % 2)
		compare_later(w, frame, (uintptr_t)frame + FRAME_PC);
}

static uint32_t intern(struct context *c, const struct walk *w)
{
	struct stack_table *t = c->stacks;
	uint64_t hash = hash_of(w, c->memo_generation);
	struct stack_row *row;

	if ((t->n >= t->n_rows - t->n_rows / 4 && !grow(t)) ||
	    t->n + 1 >= CODE_END)
		return 0;
	row = place_of(t, hash);
	if (!row->hash) {
		if (!define(c, t->n + 1, w))
			return 0;
		row->id = ++t->n;
		row->hash = hash;
	}
	return row->id;
}

/*
 * A function that locks for many callers is the innermost frame of many
 * stacks, which all begin at the same place of the tree of stacks.  From one
 * that is not the caller's the way leads on by the first word that differs.
 */
#define MAX_STEPS 8

/* False: it is the caller's stack; else where to look next. */
static bool leads_on(const struct memo_entry *e, const void *frame,
		     size_t *place)
{
	const struct slots *two = e->slots;

	for (; two != stack_end(e); two++)
		for (int i = 0; i < 2; i++) {
			uint64_t word = frame_word(frame, two->offset[i]);

			if (word == two->word[i])
				continue;
			*place ^= (word * 0x9e3779b97f4a7c15u) >>
				  (64 - MEMO_BITS);
			return true;
		}
	return false;
}

/*
 * Where the way of the caller's stack ends: at its own entry (found), at a
 * free one, or at one that has to make room.
 */
static struct memo_entry *tree_place(struct memo *memo, const void *frame,
				     bool *found)
{
	size_t place = stack_place(frame);
	struct memo_entry *e = &memo->tree[place];

	*found = false;
	for (int i = 0; i < MAX_STEPS && stack_is_for(e, frame); i++) {
		if (!leads_on(e, frame, &place)) {
			*found = true;
			break;
		}
		e = &memo->tree[place];
	}
	return e;
}

/* Has it found at once the next time. */
static void keep_recent(struct memo *memo, const void *frame,
			const struct memo_entry *e)
{
	size_t place = stack_place(frame);
	struct memo_entry *recent = &memo->recent[place];

	if (recent->pc && !stack_is_for(recent, frame)) {
		struct memo_entry *beside = &memo->recent[place ^ 1];

		if (!beside->pc || stack_is_for(beside, frame) ||
		    memo->victim++ & 1)
			recent = beside;
	}
	*recent = *e;
}

static const struct memo_entry *look_further(struct memo *memo,
					     const void *frame)
{
	bool found;
	struct memo_entry *e = tree_place(memo, frame, &found);

	if (!found)
		return NULL;
	keep_recent(memo, frame, e);
	return e;
}

/* Slots are never written again while entries, and their copies, are there. */
static void remember(struct memo *memo, const void *frame, const struct walk *w,
		     uint32_t id)
{
	const uint32_t n = w->n_slots / 2;
	struct slots *slots;
	struct memo_entry *e;
	bool found;

	if (memo->used + n > MEMO_SLOTS)
		forget(memo);
	memo->filled = true;
	slots = memo->slots + memo->used;
	memcpy(slots, w->slots, n * sizeof(*slots));
	e = tree_place(memo, frame, &found);
	*e = (struct memo_entry){
		.pc = w->pcs[0],
		.frame = frame,
		.number = encode_code(id),
		.slots = slots,
		.bytes = (uint32_t)(n * sizeof(*slots)),
	};
	memo->used += n;
	keep_recent(memo, frame, e);
}

struct code stack_walk(struct context *c, const void *frame)
{
	struct walk *w = &c->stacks->walk;
	const struct memo_entry *e;
	uint32_t generation, id;

	generation =
		atomic_load_explicit(&module_generation, memory_order_acquire);
	e = c->memo_generation == generation ? look_further(c->memo, frame)
					     : NULL;
	if (e)
		return e->number;

	walk(c, frame, w);
	generation =
		atomic_load_explicit(&module_generation, memory_order_acquire);
	if (c->memo_generation != generation) {
		forget(c->memo);
		c->memo_generation = generation;
	}
	if (w->cut)
		process_lost(CMSHIM_LOST_FRAMES);
	id = intern(c, w);
	if (!id)
		process_lost(CMSHIM_LOST_STACKS);
	if (id && !w->temporary) {
		make_even(w, frame);
		remember(c->memo, frame, w, id);
	}
	return encode_code(id);
}

bool stack_has_left(struct context *c, const void *frame, const void *inside,
		    uint32_t pc)
{
	const uintptr_t wanted = (uintptr_t)inside + FRAME_PC;
	const struct memo_entry *e;
	bool is_beyond = false;

	if (!c->memo || !stack_code_of(c, frame).packed)
		return false;
	e = stack_look_up(c, frame);
	if (!e)
		return false;
	/* Of each frame of it, the slot of the return address is there. */
	for (const struct slots *two = e->slots; two != stack_end(e); two++)
		for (int i = 0; i < 2; i++) {
			uintptr_t slot = (uintptr_t)frame + two->offset[i];

			if (slot == wanted)
				return (uint32_t)two->word[i] != pc;
			is_beyond |= slot > wanted;
		}
	return is_beyond;
}
