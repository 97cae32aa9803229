/* SPDX-License-Identifier: MIT */
/*
 * Channels: what hands things over from thread to thread without a lock of the
 * program's.  A channel is known by an address; see HAPPENS_BEFORE in
 * include/cmshim/trace.h.
 *
 * One channel serves all that goes through a queue, so whoever takes is
 * ordered after all who gave before, not only after the one whose thing it
 * got.  Such queues lock inside, which has the same effect.
 */
#ifndef SHIM_CHANNEL_H
#define SHIM_CHANNEL_H

#include <signal.h>
#include <stdint.h>

/* About to hand over; before the real call.  frame, call: see record.h. */
void channel_give(const void *frame, const volatile void *channel,
		  uint32_t call);

/* Something was handed over; after the real call. */
void channel_take(const void *frame, const volatile void *channel,
		  uint32_t call);

/* A function of the program's is about to be called by what call has made, or
   has returned. */
void channel_calls(const void *frame, uint32_t call);
void channel_called(const void *frame);

/*
 * About to ask for a notice: what comes before is handed to the handler of its
 * signal, or to the thread that libc will make for it.  Of such a thread all
 * that is seen is that it is none of the program's making, so each comes after
 * all who have asked.
 */
void channel_notice(const void *frame, const struct sigevent *e, uint32_t call);

/* A thread has been met that nobody was seen to make. */
void channel_found_thread(const void *frame);

/*
 * The channel of a GMainContext: itself, where NULL stands for the default
 * one.  Also sees to it that taking is seen: see wrap_gsource.c.
 */
const void *channel_of_context(const void *main_context);

/* Of a pool made by g_thread_pool_new(); NULL: of one that we did not see. */
const void *channel_of_pool(const void *pool);

/* Of the GMainContext that a GSource is attached to; NULL: to none. */
const void *channel_of_source(const void *source);

#endif
