/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include "record.h"

static void plain(const void *frame, const volatile void *channel,
		  enum cmshim_op op, uint32_t call)
{
	struct context *c = channel ? context_enter(frame) : NULL;
	struct fields f = { .mask = 0 };

	if (!c)
		return;
	record_optional(&f, call, 0);
	record_numbered(c, frame, object_key(channel, OBJECT_CHANNEL), op, &f);
	context_leave(c);
}

void channel_give(const void *frame, const volatile void *channel,
		  uint32_t call)
{
	plain(frame, channel, CMSHIM_OP_HAPPENS_BEFORE, call);
}

void channel_take(const void *frame, const volatile void *channel,
		  uint32_t call)
{
	plain(frame, channel, CMSHIM_OP_HAPPENS_AFTER, call);
}
