/* SPDX-License-Identifier: MIT */
/*
 * Which circles of lock orders another order of the recorded run goes into:
 * their places are looked for when the events are gone through again.
 */
#ifndef REPORTS_CIRCLE_REACH_H
#define REPORTS_CIRCLE_REACH_H

#include "locks/circles.h"

struct circle_reach;

/*
 * About those of the circles for which is_asked says so, of up to
 * LOCKGRAPH_SHORT; NULL if there are none.  The circles must outlive it.
 */
struct circle_reach *circle_reach_new(struct circles *circles,
				      bool (*is_asked)(const void *with,
						       const struct circle *c),
				      const void *with);
void circle_reach_free(struct circle_reach *reach);

void circle_reach_event(struct circle_reach *reach, const struct event *ev,
			struct reorder *r);

/*
 * Looks for them in the window.  What is found is stored in the circle: its
 * threads as well.  Returns whether there are others.
 */
bool circle_reach_ask(struct circle_reach *reach, struct reorder *r);

#endif
