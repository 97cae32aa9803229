/* SPDX-License-Identifier: MIT */
/*
 * Lines of objects that have ended serve other addresses, so that a program
 * may go on for days at ever new ones; object.h.
 *
 * It is done by whoever comes with an event when enough new lines were given,
 * before the event is looked at: the thread uses no line then.  Nobody waits.
 *
 * Not taken back: lines whose end was not seen, those that somebody waits at,
 * or was inside of or held when their memory was given back.  Nothing is taken
 * back while a thread is kept inside one event of ours for ever, which takes a
 * signal handler that does not come back, nor behind a seccomp filter.
 */
#ifndef SHIM_RECLAIM_H
#define SHIM_RECLAIM_H

#include "context.h"

/* False: no memory. */
bool reclaim_begin(void);

/* The thread's turn; c is its context, and not busy. */
COLD void reclaim(struct context *c);

#endif
