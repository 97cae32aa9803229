/* SPDX-License-Identifier: MIT */
/*
 * The wrappers of the calls that hand over, which are rows of calls.def.
 */
#include "wrap.h"

#include "channel.h"
#include "epoll.h"

/* void is no value to keep. */
#define PASSED_void(name, args)          \
	do {                             \
		if (REAL_IS_THERE(name)) \
			real.name args;  \
	} while (0)
#define PASSED_int(name, args) return PASS(name, args)

#define GIVES(id, ret, name, params, args, channel) \
	EXPORT ret name params                      \
	{                                           \
		channel_give(FRAME, channel, id);   \
		PASSED_##ret(name, args);           \
	}

#define TAKES(id, ret, name, params, args, channel, got)  \
	EXPORT ret name params                            \
	{                                                 \
		ret r = PASS(name, args);                 \
                                                          \
		if (got)                                  \
			channel_take(FRAME, channel, id); \
		return r;                                 \
	}

#define CALL(id, ret, name, params, op, class, version)
#include "calls.def"
#undef CALL
