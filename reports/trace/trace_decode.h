/* SPDX-License-Identifier: MIT */
/*
 * One record out of bytes: the innermost loop of the reader, inlined where it
 * is used.
 */
#ifndef REPORTS_TRACE_DECODE_H
#define REPORTS_TRACE_DECODE_H

#include "trace/trace_impl.h"

/* How an op finds its place in the order. */
enum op_shape {
	SHAPE_UNKNOWN, /* not in this version: skipped */
	SHAPE_PLAIN,   /* after the thread's event before */
	SHAPE_NUMBER,  /* takes the next number of its object */
	SHAPE_READ,    /* after the write that it saw, SEQ */
	SHAPE_ENTER,   /* MAP_ENTER: one of the two above */
	SHAPE_END,     /* after number END was taken */
	SHAPE_START,
	SHAPE_JOIN,
	SHAPE_HELD,
	SHAPE_NESTED,
	SHAPE_DROP,
};

struct op_row {
	uint16_t fields; /* without a mask */
	uint16_t flags;	 /* that it implies */
	uint8_t as;	 /* the op that it is with these */
	uint8_t shape;	 /* enum op_shape */
	bool object;	 /* nothing can be said of it without one */
	bool gives_up;	 /* recorded before it is done */
};

extern const struct op_row op_rows[MAX_OPS];

enum decoded {
	DECODED_END,
	DECODED_RECORD,
	DECODED_BAD, /* no record, or one that does not end */
};

/* An op, a mask and all fields that a mask can name. */
#define RECORD_MAX_BYTES (1 + 10 + CMSHIM_MAX_FIELDS * 10)

static inline bool decode_varint(const uint8_t **from, const uint8_t *end,
				 bool bounded, uint64_t *out)
{
	const uint8_t *p = *from;
	uint64_t value;
	unsigned shift = 7;

	if (bounded && p == end)
		return false;
	value = *p++;
	if (unlikely(value & 0x80)) {
		uint64_t byte;

		value &= 0x7f;
		do {
			if ((bounded && p == end) || shift > 63)
				return false;
			byte = *p++;
			if (shift == 63 && byte > 1)
				return false;
			value |= (byte & 0x7f) << shift;
			shift += 7;
		} while (byte & 0x80);
	}
	*out = value;
	*from = p;
	return true;
}

static inline bool record_has(const struct record *rec, uint32_t field)
{
	return rec->mask & field;
}

/* 0 if the field is not there. */
static inline uint64_t record_field(const struct record *rec, uint32_t field)
{
	return rec->mask & field ? rec->field[__builtin_ctz(field)] : 0;
}

static inline void record_set(struct record *rec, uint32_t field,
			      uint64_t value)
{
	rec->mask |= field;
	rec->field[__builtin_ctz(field)] = value;
}

static inline enum decoded decode_fields(const uint8_t **from,
					 const uint8_t *end, bool bounded,
					 struct record *rec)
{
	const uint8_t *p = *from;
	uint8_t op = *p++;
	uint64_t mask, skipped;

	rec->op = op & (CMSHIM_MASK_FOLLOWS - 1);
	mask = op_rows[rec->op].fields;
	if (op & CMSHIM_MASK_FOLLOWS) {
		if (!decode_varint(&p, end, bounded, &mask))
			return DECODED_BAD;
	} else if (op_rows[rec->op].shape == SHAPE_UNKNOWN &&
		   rec->op < CMSHIM_AGAIN) {
		return DECODED_BAD;
	}

	rec->mask = mask & (((uint32_t)1 << KNOWN_FIELDS) - 1);
	for (uint32_t left = rec->mask; left; left &= left - 1) {
		if (!decode_varint(&p, end, bounded,
				   &rec->field[__builtin_ctz(left)]))
			return DECODED_BAD;
	}
	for (mask >>= KNOWN_FIELDS; unlikely(mask); mask &= mask - 1) {
		if (!decode_varint(&p, end, bounded, &skipped))
			return DECODED_BAD;
	}
	if (op_rows[rec->op].flags) {
		record_set(rec, CMSHIM_FLAGS,
			   record_field(rec, CMSHIM_FLAGS) |
				   op_rows[rec->op].flags);
		rec->op = op_rows[rec->op].as;
	}
	*from = p;
	return DECODED_RECORD;
}

/* Moves *from behind a record, or leaves it where it is. */
static inline enum decoded record_decode(const uint8_t **from,
					 const uint8_t *end, struct record *rec)
{
	if (end - *from >= RECORD_MAX_BYTES) {
		if (!**from)
			return DECODED_END;
		return decode_fields(from, end, false, rec);
	}
	if (*from == end || !**from)
		return DECODED_END;
	return decode_fields(from, end, true, rec);
}

/* Of an AGAIN how many events it is; else 0. */
static inline uint8_t record_n_again(const struct record *rec)
{
	return rec->op < CMSHIM_AGAIN
		       ? 0
		       : (uint8_t)(1 + (rec->op & CMSHIM_AGAIN_MOST));
}

#endif
