/* SPDX-License-Identifier: MIT */
/*
 * epoll(7), which hands descriptors from thread to thread: what was done
 * before one was added or armed anew comes before what is done once the kernel
 * has reported it.
 *
 * A report tells the data that the descriptor was added with, so a channel is
 * a number made of that and of the epoll descriptor.  Two that come to the same
 * one order more than is true, never less.
 */
#ifndef SHIM_EPOLL_H
#define SHIM_EPOLL_H

#include <stdint.h>

/* The channel that epoll_ctl(ep, op, fd, event) is about to give to; NULL:
   none.  event may be anything. */
const void *epoll_gives(int ep, int op, const void *event);

/* epoll_wait() has reported n events.  frame, call: see record.h. */
void epoll_takes(const void *frame, int ep, const void *events, int n,
		 uint32_t call);

#endif
