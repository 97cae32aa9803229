/* SPDX-License-Identifier: MIT */
#include "epoll.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>

#include "channel.h"
#include "context.h"
#include "process.h"

#define CHANNEL_BITS 14

/*
 * The channels: addresses are all that is needed of them.  In each is who gave
 * last, or took what was given; to which it is nothing new.  0: nobody.
 */
static _Atomic uint32_t channels[1 << CHANNEL_BITS];

static _Atomic uint32_t *channel_of(int ep, uint64_t data)
{
	uint64_t x =
		(data ^ (uint64_t)(uint32_t)ep << 48) * 0x9e3779b97f4a7c15u;

	return &channels[(x ^ x >> 29) * 0xbf58476d1ce4e5b9u >>
			 (64 - CHANNEL_BITS)];
}

/* Of a thread that is not known yet it is not known that it is the same. */
static uint32_t this_thread(void)
{
	return context_self && context_self->thread ? context_self->thread
						    : UINT32_MAX;
}

const void *epoll_gives(int ep, int op, const void *event)
{
	struct epoll_event e;
	_Atomic uint32_t *channel;

	if ((op != EPOLL_CTL_ADD && op != EPOLL_CTL_MOD) ||
	    !process_is_recording() || !process_copy(&e, event, sizeof(e)))
		return NULL;
	channel = channel_of(ep, e.data.u64);
	atomic_store(channel, this_thread());
	return (const void *)channel;
}

void epoll_takes(const void *frame, int ep, const void *events, int n,
		 uint32_t call)
{
	const uint32_t self = this_thread();

	for (int i = 0; i < n; i++) {
		struct epoll_event e;
		_Atomic uint32_t *channel;
		uint32_t giver;

		memcpy(&e, (const char *)events + (size_t)i * sizeof(e),
		       sizeof(e));
		channel = channel_of(ep, e.data.u64);
		giver = atomic_load(channel);
		if (!giver || (giver == self && self != UINT32_MAX))
			continue;
		channel_take(frame, channel, call);
		atomic_compare_exchange_strong(channel, &giver, self);
	}
}
