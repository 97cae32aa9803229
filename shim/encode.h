/* SPDX-License-Identifier: MIT */
/*
 * Events as bytes: see include/cmshim/trace.h.  Always inlined: with a
 * constant mask what is left of it are the stores.
 */
#ifndef SHIM_ENCODE_H
#define SHIM_ENCODE_H

#include <string.h>

#include "context.h"
#include "options.h"
#include "process.h"

/* The fields of one event; only those in mask count. */
struct fields {
	uint32_t mask; /* enum cmshim_field, or-ed */
	uint32_t object, stack, call, flags, code;
	uint64_t seq, ticks, arg, key, end, duration;
};

/* By op, the fields that need no mask. */
static const uint16_t encode_standard[CMSHIM_N_OPS] = {
#define X(name, number, fields, numbered, text) [number] = (fields),
	CMSHIM_OPS(X)
#undef X
};

/* Most are small: one and two bytes without a loop. */
HOT uint8_t *encode_varint(uint8_t *p, uint64_t value)
{
	if (likely(value < 0x80)) {
		*p = (uint8_t)value;
		return p + 1;
	}
	if (likely(value < 0x4000)) {
		p[0] = (uint8_t)(value | 0x80);
		p[1] = (uint8_t)(value >> 7);
		return p + 2;
	}
	return put_varint(p, value);
}

HOT struct code encode_code(uint32_t value)
{
	if (likely(value < 0x80))
		return code_of(value, 8);
	if (likely(value < 0x4000))
		return code_of((value & 0x7f) | 0x80 | value >> 7 << 8, 16);
	if (value < CODE_END)
		return code_of((value & 0x7f) | 0x80 |
				       (value >> 7 & 0x7f) << 8 | 0x8000 |
				       value >> 14 << 16,
			       24);
	return (struct code){ 0 };
}

/* Numbers side by side, eight bytes of them at most. */
struct codes {
	uint64_t bytes;
	unsigned bits;
};

HOT struct codes encode_beside(struct codes a, struct code b)
{
	return (struct codes){
		.bytes = a.bytes | (uint64_t)code_bytes(b) << a.bits,
		.bits = a.bits + code_bits(b),
	};
}

/* What an event of an object and a stack has before and behind them: one byte
   before, or two. */
struct around {
	struct codes before, after;
};

/* call, flags: 0 if there is none; each below 0x4000. */
HOT struct around encode_around(enum cmshim_op op, uint32_t call,
				uint32_t flags)
{
	const uint32_t mask = encode_standard[op] | (call ? CMSHIM_CALL : 0) |
			      (flags ? CMSHIM_FLAGS : 0);
	struct codes after = { .bits = 0 };

	if (!call && !flags)
		return (struct around){ .before = { (uint64_t)op, 8 } };
	if (call)
		after = encode_beside(after, encode_code(call));
	if (flags)
		after = encode_beside(after, encode_code(flags));
	return (struct around){
		.before = { op | CMSHIM_MASK_FOLLOWS | mask << 8, 16 },
		.after = after,
	};
}

/*
 * Stores an event of an object and a stack, which have codes, by one store: so
 * it is there as a whole or not at all, like any event.  Behind it are zeros
 * already; the store puts more there.  Returns where the next one will be; the
 * caller keeps it.  NULL: it is too long for that, and nothing is stored.
 */
HOT uint8_t *encode_brief(struct context *c, struct around around,
			  struct code object, struct code stack)
{
	uint8_t *start = c->events.pos;
	/* Above eight bits of zero, for the last byte of what is before. */
	uint64_t both = (object.packed & ~0xffu) |
			(uint64_t)(stack.packed & ~0xffu) << code_bits(object);
	struct codes all = {
		.bytes = around.before.bytes | both << (around.before.bits - 8),
		.bits = code_bits(object) + code_bits(stack),
	};

	if (around.after.bits) {
		const unsigned bits = around.before.bits + all.bits;

		if (unlikely(bits + around.after.bits > 64))
			return NULL;
		all.bytes |= around.after.bytes << bits;
	}
	__atomic_store((uint64_t *)(void *)start, &all.bytes, __ATOMIC_RELEASE);
	start += (around.before.bits + around.after.bits) / 8;
	return start + all.bits / 8;
}

/* Stores an event without fields.  Returns where the next one will be; the
   caller keeps it. */
HOT uint8_t *encode_op(struct context *c, enum cmshim_op op)
{
	uint8_t *start = c->events.pos;

	__atomic_store_n(start, (uint8_t)op, __ATOMIC_RELEASE);
	return start + 1;
}

/* An acquire that has no more than an object and a stack, in one word. */
HOT uint64_t encode_same(enum cmshim_op op, struct code object,
			 struct code stack)
{
	return ((uint64_t)stack.packed << 32 | object.packed) ^ op;
}

_Static_assert(CMSHIM_OP_ACQUIRE_SHARED < 8, "code.packed has three bits free");

/* The last record, if that is an AGAIN; else 0. */
HOT uint8_t encode_last_again(const struct context *c)
{
	const uint8_t *pos = c->events.pos;

	return likely(c->again_end == pos) ? pos[-1] : 0;
}

/* An even number of events leaves nothing taken; of CMSHIM_AGAIN + n that is
   where n is odd. */
_Static_assert(CMSHIM_AGAIN % 2 == 0 && CMSHIM_AGAIN_MOST % 2 == 1,
	       "see above");

/* One event more in the AGAIN that is the last record. */
HOT uint8_t *encode_again_more(struct context *c, uint8_t last)
{
	uint8_t *pos = c->events.pos;

	__atomic_store_n(pos - 1, (uint8_t)(last + 1), __ATOMIC_RELEASE);
	return pos;
}

/* Stores the acquire context.again once more. */
HOT uint8_t *encode_acquire_again(struct context *c)
{
	const uint8_t last = encode_last_again(c);
	uint8_t *pos = c->events.pos;

	if (likely(last % 2 && last < CMSHIM_AGAIN + CMSHIM_AGAIN_MOST))
		return encode_again_more(c, last);
	__atomic_store_n(pos, CMSHIM_AGAIN, __ATOMIC_RELEASE);
	c->again_end = pos + 1;
	return pos + 1;
}

/* Stores a release without fields, of what the AGAIN took last if that is the
   last record. */
HOT uint8_t *encode_release(struct context *c, enum cmshim_op op)
{
	const uint8_t last = encode_last_again(c);

	if (last && last % 2 == 0)
		return encode_again_more(c, last);
	return encode_op(c, op);
}

/* Puts them down over the zeros that are there, and zeros behind them. */
HOT uint8_t *encode_put(uint8_t *p, struct codes codes)
{
	memcpy(p, &codes.bytes, sizeof(codes.bytes));
	return p + codes.bits / 8;
}

HOT uint8_t *encode_put_one(uint8_t *p, struct code code)
{
	const uint32_t bytes = code_bytes(code);

	memcpy(p, &bytes, sizeof(bytes));
	return p + code_bits(code) / 8;
}

/* A number that takes two bytes. */
HOT struct code encode_two(uint32_t n)
{
	return code_of((n & 0x7f) | 0x80 | n >> 7 << 8, 16);
}

/* Map calls of which nothing is told but perhaps HIT or MISS: [op][flags]. */
static const uint8_t encode_map_ops[][4] = {
	[0] = { CMSHIM_OP_MAP_READ, CMSHIM_OP_MAP_FOUND, CMSHIM_OP_MAP_MISSED },
	[1] = { CMSHIM_OP_MAP_WRITE, CMSHIM_OP_MAP_CHANGED,
		CMSHIM_OP_MAP_ADDED },
	[CMSHIM_OP_MAP_NEXT - CMSHIM_OP_MAP_READ] = { CMSHIM_OP_MAP_NEXT },
};

_Static_assert(CMSHIM_OP_MAP_WRITE == CMSHIM_OP_MAP_READ + 1 &&
		       CMSHIM_HIT == 1 << 6 && CMSHIM_MISS == 2 << 6,
	       "as the table has them");

/* 0: there is none that says these flags. */
HOT uint8_t encode_map_op(uint8_t op, uint32_t flags)
{
	return flags & ~(CMSHIM_HIT | CMSHIM_MISS)
		       ? 0
		       : encode_map_ops[op - CMSHIM_OP_MAP_READ]
				       [flags / CMSHIM_HIT];
}

/*
 * Stores a map call in two instructions, the one with its first byte last.
 * flags: what is told of its result.  Returns where the next record will be;
 * the caller keeps it.  NULL: its numbers are not as small as most are, or
 * there is no op for it, and nothing is stored.
 */
HOT uint8_t *encode_map_brief(const struct context *c,
			      const struct open_call *o, uint32_t flags)
{
	const uint8_t op = encode_map_op(o->call.op, flags);
	const struct code object = { (uint32_t)(o->what >> 32) };
	uint8_t *start = c->events.pos;
	struct codes first = { op, 8 };
	uint64_t low;
	uint32_t high;

	first = encode_beside(first, object);
	first = encode_beside(first, o->stack);
	first = encode_beside(first, code_of(o->call.number, 8));
	if (unlikely(!op || first.bits > 56 || o->call.number >= 0x80))
		return NULL;
	/* The key's four bytes are ready (keys.h); 0 has one, which is there.
	 */
	low = first.bytes | (uint64_t)o->key << first.bits;
	high = (uint32_t)((uint64_t)o->key >> (64 - first.bits));
	memcpy(start + sizeof(low), &high, sizeof(high));
	__atomic_store((uint64_t *)(void *)start, &low, __ATOMIC_RELEASE);
	return start + first.bits / 8 + (o->key ? sizeof(o->key) : 1);
}

/*
 * Stores a map call.  False: its numbers are not as small as most are, and
 * nothing is stored.
 */
HOT bool encode_map_call(struct context *c, const struct open_call *o,
			 struct code object, uint32_t flags, bool has_number)
{
	const bool has_key = !(o->flags & OPEN_UNKNOWN_KEY);
	const uint8_t brief = encode_map_op(o->call.op, flags);
	const uint8_t op = brief ? brief : o->call.op;
	const uint32_t mask = (CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_CALL) |
			      (has_number ? CMSHIM_SEQ : 0) |
			      (brief ? 0 : CMSHIM_FLAGS);
	uint8_t *start = c->events.pos, *p;

	if (unlikely(!object.packed))
		return false;
	p = encode_put_one(start + 1, has_key ? encode_two(mask | CMSHIM_KEY)
					      : code_of(mask, 8));
	p = encode_put_one(p, object);
	p = encode_put_one(p, o->stack);
	if (has_number)
		p = encode_varint(p, o->number);
	p = encode_varint(p, o->call.number);
	if (!brief)
		p = encode_varint(p, flags);
	memcpy(p, &o->key, sizeof(o->key));
	p += o->key ? sizeof(o->key) : has_key;
	__atomic_store_n(start, op | CMSHIM_MASK_FOLLOWS, __ATOMIC_RELEASE);
	c->events.pos = p;
	return true;
}

_Static_assert(CMSHIM_KEY == 0x80, "without it a mask is one byte");

/* Ticks since the last stamp; a clock that steps back stands still. */
HOT uint64_t encode_step(struct context *c, uint64_t ticks)
{
	uint64_t before = c->last_ticks;

	if (ticks <= before)
		return 0;
	c->last_ticks = ticks;
	return ticks - before;
}

/*
 * Stores an event.  There is room: see context_enter().  With TIME in the
 * mask and no ticks given, the time is now.
 */
HOT void encode(struct context *c, enum cmshim_op op, const struct fields *f)
{
	uint8_t *start = c->events.pos;
	uint8_t *p = start + 1;
	uint32_t mask = f->mask;
	uint8_t first = (uint8_t)op;

	/* AGAIN repeats what is stored in a few bytes, or nothing. */
	if (op == CMSHIM_OP_ACQUIRE || op == CMSHIM_OP_ACQUIRE_SHARED)
		c->again = 0;
	if (mask != encode_standard[op]) {
		p = encode_varint(p, mask);
		first |= CMSHIM_MASK_FOLLOWS;
	}
	if (mask & CMSHIM_OBJECT)
		p = encode_varint(p, f->object);
	if (mask & CMSHIM_STACK)
		p = encode_varint(p, f->stack);
	if (mask & CMSHIM_SEQ)
		p = encode_varint(p, f->seq);
	if (mask & CMSHIM_TIME)
		p = put_varint(p, encode_step(c, f->ticks ? f->ticks
							  : process_ticks()));
	if (mask & CMSHIM_CALL)
		p = encode_varint(p, f->call);
	if (mask & CMSHIM_FLAGS)
		p = encode_varint(p, f->flags);
	if (mask & CMSHIM_ARG)
		p = put_varint(p, f->arg);
	if (mask & CMSHIM_KEY)
		p = put_varint(p, f->key);
	if (mask & CMSHIM_CODE)
		p = put_varint(p, f->code);
	if (mask & CMSHIM_END)
		p = put_varint(p, f->end);
	if (mask & CMSHIM_DURATION)
		p = put_varint(p, f->duration);

	/* The record is there when its first byte is. */
	__atomic_store_n(start, first, __ATOMIC_RELEASE);
	c->events.pos = p;
}

/* A longer one than two bytes hold, 6 us, is nothing for the hot path. */
#define ENCODE_LONG_STEP 0x4000

/* A stamp now, and how long after the one before.  False: too long, or the
   clock is not read by an instruction; then there is none. */
HOT bool encode_stamp(struct context *c, uint64_t *step)
{
	uint64_t ticks;

	if (unlikely(process->clock != CMSHIM_CLOCK_TSC))
		return false;
	ticks = clock_ticks(CMSHIM_CLOCK_TSC);
	*step = ticks - c->last_ticks;
	if (unlikely(*step >= ENCODE_LONG_STEP))
		return false;
	c->last_ticks = ticks;
	return true;
}

/* In place of the zero byte of all that stands for an op. */
HOT void encode_store(uint8_t *start, enum cmshim_op op, uint64_t all)
{
	all |= (uint64_t)op | CMSHIM_MASK_FOLLOWS;
	__atomic_store((uint64_t *)(void *)start, &all, __ATOMIC_RELEASE);
}

/*
 * Stores an acquire that is one of the sample.  Returns where the next record
 * will be; the caller keeps it.  NULL: a number is too large, or there is no
 * stamp, and nothing is stored.
 */
HOT uint8_t *encode_sampled(struct context *c, enum cmshim_op op,
			    struct code object, struct code stack)
{
	const uint64_t mask =
		CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_TIME | CMSHIM_FLAGS;
	uint8_t *start = c->events.pos, *p;
	struct codes first =
		encode_beside((struct codes){ mask << 8, 16 }, object);
	uint64_t step;

	first = encode_beside(first, stack);
	if (unlikely(!object.packed || !encode_stamp(c, &step)))
		return NULL;
	p = start + first.bits / 8;
	/* The first byte is zero as yet. */
	memcpy(start, &first.bytes, sizeof(first.bytes));
	p = encode_varint(p, step);
	p = encode_put_one(p, encode_two(CMSHIM_SAMPLED));
	__atomic_store_n(start, (uint8_t)(op | CMSHIM_MASK_FOLLOWS),
			 __ATOMIC_RELEASE);
	return p;
}

/*
 * The same for an event that has a stamp and nothing else.  A branch for its
 * length, which is guessed, so that nothing waits for the clock.
 */
HOT uint8_t *encode_stamped(struct context *c, enum cmshim_op op)
{
	uint8_t *start = c->events.pos;
	uint64_t step;

	if (unlikely(!encode_stamp(c, &step)))
		return NULL;
	if (likely(step < 0x80)) {
		encode_store(start, op, CMSHIM_TIME << 8 | step << 16);
		return start + 3;
	}
	encode_store(start, op,
		     CMSHIM_TIME << 8 | (step & 0x7f) << 16 | 0x80 << 16 |
			     step >> 7 << 24);
	return start + 4;
}

/*
 * How many acquires from now the next hold is stamped: on average one in
 * period, evenly spread, so that the sample is unbiased whatever the program's
 * rhythm.
 */
HOT uint32_t encode_until_sample(struct context *c, uint64_t period)
{
	uint32_t x = c->random;

	if (options.all_stamps)
		return 0;
	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	c->random = x;
	return (uint32_t)(x * (2 * period - 1) >> 32);
}

#endif
