/* SPDX-License-Identifier: MIT */
/*
 * What threads left for whoever looks: the value of a promise, a variable
 * that they initialised.  Who finds it done makes no call, so that it is
 * ordered after them is not to be seen.
 *
 * A std::promise of libstdc++ sets its value by pthread_once(), with a flag in
 * memory that was allocated; one that was set is asked without a call.  A flag
 * in the program's file is no promise's: that is asked by a call each time,
 * unless the call before said otherwise (MISS).
 */
#ifndef REPORTS_PROMISES_H
#define REPORTS_PROMISES_H

#include "world/order.h"
#include "world/world.h"

struct promises;

struct promises *promises_new(const struct trace_info *info);
void promises_free(struct promises *promises);

/* To be told of ONCE_RAN and ONCE_RETURN, with the world before them. */
void promises_event(struct promises *promises, const struct event *ev,
		    const struct world *world);

/*
 * Whether a thread that knew of the epoch has left something since.  When
 * somebody looks is not known, so it may also have been later than what is
 * asked about.
 */
bool promises_tell(const struct promises *promises, struct epoch epoch);

#endif
