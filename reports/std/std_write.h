/* SPDX-License-Identifier: MIT */
/*
 * A recorded trace as RAPID's text (std.h), for other engines to read.
 *
 *	T1|acq(L2)|17
 *
 * T is followed by the thread's number, L and V by numbers of the locks and
 * maps of this trace; the place is a number of the call stack, 0 where none was
 * recorded.  What becomes of what:
 *
 *  - A lock taken exclusively: acq and rel.  Before it req, unless the call
 *    was a try; so who takes the requests for acquires, as SPDOffline and
 *    `cmshim analyze` do, has all that can wait and nothing else.  What waited
 *    until the end has a req and no acq.
 *  - A rwlock that is read: one lock for each thread that ever reads it.  A
 *    reader takes its own, a writer all of them: so writers keep everybody
 *    out, and readers do not see each other.  That is exact for order, races
 *    and deadlocks, but counts of locks, lock graph edges and abstract
 *    deadlocks are of these locks; a lock that prefers waiting writers is not
 *    told from others; and a writer's lines are as many as there are readers.
 *  - Map calls: r and w of the map.  Destroying one is a write, making one is
 *    nothing.  Maps that lock themselves are left out.
 *  - Creating and joining a thread: fork and join.
 *
 *  - Order that is made without a lock, by semaphores, barriers, once, signals
 *    of conditions, and hand-overs: a lock and a variable with the number of
 *    the object.  Who gives takes the lock, reads and writes the variable;
 *    who is given reads it.  So whoever respects locks, and keeps what reads
 *    see, orders them; also more than the program did, as each of the givers
 *    comes after the one before.  These count as locks and variables, and an
 *    edge of the lock graph leads to them from a lock held.  A signal under a
 *    lock is left out: the lock orders.
 *
 * A condition's mutex is released and acquired, as it was.
 */
#ifndef REPORTS_STD_WRITE_H
#define REPORTS_STD_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What there is to say about the trace that was written. */
struct std_written {
	uint64_t n_missing; /* events that were lost, and gaps */
	bool truncated, damaged;
};

/*
 * Returns 0, or what trace_open() returned, with its *why.  Errors of writing
 * are left in the stream.
 */
int std_write(const char *path, FILE *out, struct std_written *written,
	      const char **why);

#endif
