/* SPDX-License-Identifier: MIT */
/*
 * RAPID's text format, STD: one event a line, in the order they happened,
 *
 *	T1|acq(L2)|17
 *
 * being who, what and where.  What: r, w of a variable; acq, req, rel of a
 * lock; fork, join of a thread.  Names are any printable text without blanks;
 * threads, locks and variables each have names of their own.  Where is read
 * over.  Blank lines are allowed, anything else is not.
 *
 * Everything about the text is checked here and nowhere after; whether locks
 * are used as locks can be is std_holds.h's business.
 */
#ifndef REPORTS_STD_H
#define REPORTS_STD_H

#include <stddef.h>
#include <stdint.h>

enum std_op {
	STD_READ,
	STD_WRITE,
	STD_ACQUIRE,
	STD_REQUEST,
	STD_RELEASE,
	STD_FORK,
	STD_JOIN,
};

/*
 * Threads, locks and variables are dense numbers from 0, in the order in
 * which they are first named.
 */
struct std_event {
	uint32_t thread;
	uint32_t object; /* variable, lock or other thread: by op */
	uint8_t op;	 /* enum std_op */
};

enum {
	/* Whoever compares threads keeps a number for every two of them. */
	STD_MAX_THREADS = 16384,
};

struct std_trace {
	struct std_event *events;
	size_t n_events; /* less than UINT32_MAX */
	uint32_t n_threads, n_locks, n_vars;
	const char *fault; /* what was wrong, without a full stop */
	size_t fault_line; /* and where, from 1; 0: nowhere in particular */
};

/*
 * Reads a file, or bytes that stay the caller's.  Returns 0 and a trace to
 * release; or -EINVAL, with .fault, for what is no such text; or what open(2)
 * and read(2) say, as a negative errno value, with .fault too.
 */
int std_read(struct std_trace *out, const char *path);
int std_read_memory(struct std_trace *out, const char *text, size_t size);
void std_release(struct std_trace *trace);

#endif
