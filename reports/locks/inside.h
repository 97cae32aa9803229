/* SPDX-License-Identifier: MIT */
/*
 * Threads that were made while a lock was held: what such a thread does once
 * it has had the lock comes, in every schedule, after all that its maker did
 * before it gave the lock up.
 */
#ifndef REPORTS_INSIDE_H
#define REPORTS_INSIDE_H

#include "world/hardorder.h"
#include "world/world.h"

struct inside;

struct inside *inside_new(const struct trace_info *info);
void inside_free(struct inside *in);

/* A thread was made, of which hard has been told, a lock given up or taken: the
   world before that. */
void inside_made(struct inside *in, const struct event *ev,
		 const struct world *world);
void inside_released(struct inside *in, struct hardorder *hard,
		     const struct event *ev, const struct world *world);
void inside_acquired(struct inside *in, struct hardorder *hard,
		     const struct event *ev);

#endif
