/* SPDX-License-Identifier: MIT */
/*
 * The program's signal handlers: when one begins and ends.
 *
 * The kernel is given a stub of ours in a handler's stead, which calls the
 * handler.  A stub is bound to one function for good, so the kernel's own
 * table says which handler is installed, and threads that install handlers at
 * once find what they would find without us.  Where no stub is left the
 * handler itself is installed.
 *
 * A handler that is left by a jump has no end of its own: the next event from
 * further up the stack says that it is over.
 */
#ifndef SHIM_HANDLER_H
#define SHIM_HANDLER_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "context.h"

/* What to install for a function, SIG_DFL and the like included. */
sighandler_t handler_stub(sighandler_t function);

/* What the program installed, of what was found installed. */
sighandler_t handler_function(sighandler_t installed);

/*
 * Before an event from frame is recorded while handlers or map calls are open:
 * says which were left.  c is busy; see bracket_tell().
 */
void handler_tell(struct context *c, const void *frame);

/*
 * Says that a signal is about to be sent to a thread of this process, or has
 * been received without a handler.  frame, call: the wrapper's.
 */
void handler_sends(const void *frame, int signo, uint32_t call);
void handler_received(const void *frame, int signo, uint32_t call);

#endif
