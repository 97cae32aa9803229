/* SPDX-License-Identifier: MIT */
/*
 * The wrappers of calls that wait for something else than a lock.
 *
 * They have C names of their own: the headers declare some of these functions
 * with types that cannot be repeated.
 */
#include "wrap.h"

#include "block.h"
#include "descriptor.h"
#include "epoll.h"

/* Those that move bytes are about a descriptor. */
#define NOTHING_FD -1
#define GIVES_FD   fd
#define TAKES_FD   fd
#define POLLS_FD   -1

#define NOTHING_BEFORE(id)
#define NOTHING_AFTER(id)
#define GIVES_BEFORE(id)            \
	if (descriptor_matters(fd)) \
		descriptor_give(FRAME, fd, id);
#define GIVES_AFTER(id)
#define TAKES_BEFORE(id)
#define TAKES_AFTER(id)                       \
	if (descriptor_matters(fd) && r >= 0) \
		descriptor_take(FRAME, fd, id);

#define POLLS_BEFORE(id)
#define POLLS_AFTER(id) \
	if (r > 0)      \
		epoll_takes(FRAME, fd, events, r, id);

#define BLOCKING(id, ret, name, params, args, moves)      \
	EXPORT ret blocking_##name params __asm__(#name); \
	ret blocking_##name params                        \
	{                                                 \
		struct block b;                           \
		ret r;                                    \
                                                          \
		moves##_BEFORE(id);                       \
		if (likely(!block_matters())) {           \
			r = PASS(name, args);             \
			moves##_AFTER(id);                \
			return r;                         \
		}                                         \
		b = block_begin();                        \
		r = PASS(name, args);                     \
		block_end_of(FRAME, &b, id, moves##_FD);  \
		moves##_AFTER(id);                        \
		return r;                                 \
	}

#define CALL(id, ret, name, params, op, class, version)
#include "calls.def"
