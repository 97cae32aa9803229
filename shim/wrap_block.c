/* SPDX-License-Identifier: MIT */
/*
 * The wrappers of calls that wait for something else than a lock.
 *
 * They have C names of their own: the headers declare some of these functions
 * with types that cannot be repeated.
 */
#include "wrap.h"

#include "block.h"

#define BLOCKING(id, ret, name, params, args)             \
	EXPORT ret blocking_##name params __asm__(#name); \
	ret blocking_##name params                        \
	{                                                 \
		struct block b;                           \
		ret r;                                    \
                                                          \
		if (likely(!block_matters()))             \
			return PASS(name, args);          \
		b = block_begin();                        \
		r = PASS(name, args);                     \
		block_end(FRAME, &b, id);                 \
		return r;                                 \
	}

#define CALL(id, ret, name, params, op, class, version)
#include "calls.def"
