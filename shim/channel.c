/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include "handler.h"
#include "process.h"
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

static void unnumbered(const void *frame, enum cmshim_op op,
		       const struct fields *f)
{
	struct context *c = context_enter(frame);

	if (!c)
		return;
	encode(c, op, f);
	context_leave(c);
}

void channel_calls(const void *frame, uint32_t call)
{
	unnumbered(frame, CMSHIM_OP_CALLBACK_ENTER,
		   &(struct fields){ .mask = CMSHIM_CALL, .call = call });
}

void channel_called(const void *frame)
{
	unnumbered(frame, CMSHIM_OP_CALLBACK_EXIT,
		   &(struct fields){ .mask = 0 });
}

/* Its address is the channel. */
static const char found_threads;
static _Atomic uint32_t notice_call; /* the last one; 0: none */

void channel_notice(const void *frame, const struct sigevent *e, uint32_t call)
{
	if (!e || !process_is_recording())
		return;
	if (e->sigev_notify == SIGEV_SIGNAL ||
	    e->sigev_notify == SIGEV_THREAD_ID)
		handler_sends(frame, e->sigev_signo, call);
	if (e->sigev_notify != SIGEV_THREAD)
		return;
	channel_give(frame, &found_threads, call);
	atomic_store(&notice_call, call);
}

void channel_found_thread(const void *frame)
{
	uint32_t call = atomic_load(&notice_call);

	if (call)
		channel_take(frame, &found_threads, call);
}
