/* SPDX-License-Identifier: MIT */
/*
 * An event as analyses see it: decoded, checked, in order, with all threads
 * of the process merged.
 *
 * Threads, objects, stacks and calls are dense numbers, the same throughout a
 * trace: indices into the arrays of struct trace_info.  Number 0 is "none" or
 * "unknown" for each of them, and the arrays have an entry for it.
 */
#ifndef REPORTS_EVENT_H
#define REPORTS_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmshim/trace.h" /* enum cmshim_op, _flag, _class, _kind */

/* Ops that the reader makes; they are not in a trace. */
enum event_op {
	/*
	 * Events on .object are missing here.  Whoever reasons about order
	 * takes everything before this as ordered before everything after.
	 */
	EVENT_GAP = 100,
	/* The last event of .thread was the one before. */
	EVENT_THREAD_END = 101,
};

/* An op as a bit of a set of them; a trace has none of number 0 or 63. */
#define EVENT_BIT(op)                                       \
	(1ull << ((int)(op) == (int)EVENT_GAP	       ? 0  \
		  : (int)(op) == (int)EVENT_THREAD_END ? 63 \
						       : (int)(op)))

struct event {
	uint8_t op; /* enum cmshim_op or enum event_op */
	bool has_time;
	bool shared;	 /* acquire, release, request: as a reader */
	bool is_by_key;	 /* map calls: about one key, known (.key) or not */
	bool has_arg;	 /* map calls: ARG was there; it may be 0 */
	bool contended;	 /* acquire, take: it had to wait, see wait_ns */
	uint16_t flags;	 /* enum cmshim_flag, or-ed */
	uint16_t code;	 /* errno value of a failure; 0: none */
	uint16_t weight; /* acquire: for how many holds it stands, being one of
			    the sample, compared with others; 0: it is not */
	uint32_t thread; /* who */
	uint32_t object; /* what; of WAIT: the condition */
	uint32_t other;	 /* WAIT: the mutex; CREATE, JOIN, ...: the thread;
			    START: the parent */
	uint32_t stack;
	uint32_t call; /* which function, also where it is the natural one */
	uint64_t seq;  /* the object's own number; 0: not NUMBERED */
	uint64_t end;  /* SIGNALLED, map calls: see cmshim/trace.h.  For map
			  calls it is seq if the call had no END */
	uint64_t key;  /* map calls: hash of the key, iterator or 0 */
	uint64_t arg;  /* what ARG is where it is neither object nor thread */
	uint64_t time_ns;     /* since the trace began; without has_time that
				 of the thread's stamp before, or of its chunk */
	uint64_t wait_ns;     /* if contended: REQUEST to now */
	uint64_t duration_ns; /* map calls: inside; 0: not measured */
	uint64_t index;	      /* of the event within its thread, from 0 */
};

/* It is about a map, and orders nothing: no lock or thread is changed by it. */
static inline bool event_is_of_map(const struct event *ev)
{
	_Static_assert(CMSHIM_OP_MAP_FREE - CMSHIM_OP_MAP_READ == 6,
		       "no other ops are between those of maps");
	return ev->op >= CMSHIM_OP_MAP_READ && ev->op <= CMSHIM_OP_MAP_FREE;
}

struct call_info {
	const char *name; /* "pthread_mutex_lock" */
	uint8_t op;	  /* enum cmshim_op */
	uint8_t class;	  /* enum cmshim_class */
	uint16_t family;
};

struct family_info {
	const char *title;   /* "GLib GHashTable" */
	uint32_t discipline; /* enum cmshim_discipline */
};

struct object_info {
	uint64_t address;
	uint32_t class; /* enum cmshim_class; one not known is CMSHIM_NONE */
	uint32_t kind;	/* enum cmshim_kind, or-ed */
	uint32_t stack; /* where it was made, or first seen */
	uint32_t family;
	uint32_t generation;
	const char *name; /* said by the program, or NULL */
};

struct thread_info {
	uint32_t number; /* as recorded; 1 is the first thread */
	uint32_t kernel_id;
	uint32_t parent;       /* dense; 0: unknown */
	uint32_t create_stack; /* where the parent made it; 0: unknown */
	uint64_t start_routine;
	uint32_t epoch;	  /* of start_routine, for symbols */
	const char *name; /* or NULL */
};

/* A call stack: return addresses, the innermost first. */
struct stack_info {
	const uint64_t *frames;
	uint32_t n_frames;
	uint32_t epoch; /* which modules were loaded then */
};

/* A file mapped for execution; [first, end) from epoch `since` to `gone`. */
struct module_info {
	const char *path;
	uint64_t first, end;
	uint64_t bias; /* address in memory less address in symbols */
	const uint8_t *build_id;
	uint32_t n_build_id;
	uint32_t since, gone; /* gone: UINT32_MAX if it never was */
};

struct trace_info {
	const struct cmshim_header *header; /* checked */
	const struct call_info *calls;
	const struct family_info *families;
	const struct object_info *objects;
	const struct thread_info *threads;
	const struct stack_info *stacks;
	const struct module_info *modules;
	size_t n_calls, n_families, n_objects, n_threads, n_stacks, n_modules;

	/* Complete after the last event only: */
	uint64_t n_events; /* of the program: without HELD, NESTED, DROP */
	uint64_t n_lost;   /* events the recorder had to leave out */
	uint64_t n_gaps;   /* places where numbers of an object are missing */
	uint64_t n_bytes;  /* of chunks' records */
	uint64_t duration_ns; /* first to last stamp */
	bool truncated;	      /* the file ends inside a chunk */
	bool damaged;	      /* something was there that no recorder writes */
	const char *damage;   /* the first such thing in words; or NULL */
	uint64_t damage_at;   /* its offset in the file */
};

#endif
