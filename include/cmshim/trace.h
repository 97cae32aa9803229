/* SPDX-License-Identifier: MIT */
/*
 * The trace format, byte for byte: the only thing the shim and the reports
 * share.
 *
 * A trace is the record of one process: a header page, then chunks.
 *
 *	offset 0              struct cmshim_header, in a page of its own
 *	header.header_bytes   chunk, chunk, chunk ... to the end of the file
 *
 * Integers are in the recorder's byte order, which the header states.
 *
 * Chunks.  A chunk is struct cmshim_chunk and the records after it, `bytes`
 * long in all.  Chunks lie one behind the other; the first one, and any that
 * does not follow directly, starts at a multiple of CMSHIM_CHUNK_ALIGN.  A
 * chunk may have been reserved and never begun (the process was killed in
 * between): where no magic stands, the next one is found by trying multiples
 * of CMSHIM_CHUNK_ALIGN.  Types a reader does not know are skipped.
 *
 * A stream is what one recording context wrote.  Its chunks of one type,
 * sorted by `index`, are one sequence of records.  A context serves one
 * thread at a time: when a thread has died its context, with the rest of its
 * chunk, is handed to a new thread, so one stream may hold the records of
 * several threads, one after the other; each chunk says whose it is.  The
 * numbers of stacks (STACK) belong to the stream.
 *
 * Records.  The first byte of a record is stored last: a byte of zero where a
 * record would begin is the end of the chunk, and a record is either whole or
 * not there.  Variable-length integers ("varint") are LEB128: seven bits a
 * byte, the lowest first, the high bit set in all bytes but the last, ten
 * bytes at most.
 *
 *	event       = op [mask] field*
 *	again       = byte of CMSHIM_AGAIN
 *	definition  = kind bytes payload        (bytes: varint, of the payload)
 *
 * An event's op has CMSHIM_MASK_FOLLOWS set if a varint mask says which
 * fields are there; else they are those of the op's row in CMSHIM_OPS.
 * Fields are varints and come in the order of enum cmshim_field.  An op that
 * is not in version 2 always carries its mask, so every event can be skipped.
 *
 * Again.  A thread often takes one lock again and again from one place.  A byte
 * CMSHIM_AGAIN + n, n from 0 to 63, stands for n + 1 events: an acquire like
 * the last one of the chunk that had its op's standard fields and no other, a
 * release without fields, an acquire, and so on in turn.  The recorder counts
 * the byte up where it stands.  (From version 2 on.)
 *
 * Order.  Every object (a lock, a condition, a map ...) numbers what is done
 * to it: 1, 2, 3 ...; the events whose row says NUMBERED take one number
 * each.  The number is taken while the operation holds, so the numbers of one
 * object and the order of records within a thread together are the order in
 * which things happened; no clock is needed, and none is to be used.  SEQ is
 * the number.  It is left out if it follows on the last number that this
 * thread's events of the same chunk had on the object.
 *
 * What obtains (acquire, wake, join) is recorded after the call returned;
 * what gives up (release, wait, signal, post, create) before it is made.
 *
 * Maps.  Writes of a map are numbered like the events of other objects, the
 * number being taken as the call enters.  A read has the number of the last
 * write that entered before it, left out if that is the last number that this
 * thread's events of the same chunk had on the map.  END, if there, is the
 * number of the last write that had entered when the call ended (other than the
 * call's own); so a call with END was overlapped by the writes SEQ+1 ... END.
 * The flag CMSHIM_OVERLAP says that some other call was inside when this one
 * entered: for a write any call, for a read a write.
 *
 * Time.  TIME is in ticks of the header's clock, as the difference to the
 * stamp before it in the chunk, the first one to the chunk's own.  Most
 * events have none.  The clock's rate follows from the pairs of ticks and
 * nanoseconds in the header and in the chunks.
 *
 * Numbers in this file are on disk.  Add at the end; never renumber.
 */
#ifndef CMSHIM_TRACE_H
#define CMSHIM_TRACE_H

#include <stdint.h>

#define CMSHIM_TRACE_MAGIC   "CMSHIM\r\n" /* \r\n: a text-mode copy shows */
#define CMSHIM_TRACE_VERSION 2u
#define CMSHIM_TRACE_OLDEST  1u /* that has nothing which was changed since */
#define CMSHIM_BYTE_ORDER    0x01020304u
#define CMSHIM_CHUNK_MAGIC   0x4b4e4843u /* "CHNK" in a little-endian file */
#define CMSHIM_CHUNK_ALIGN   4096u

enum cmshim_clock {
	CMSHIM_CLOCK_MONOTONIC = 1, /* a tick is a nanosecond */
	CMSHIM_CLOCK_TSC = 2,	    /* rate: see struct cmshim_stamp */
};

/* One instant, by the trace's clock and by CLOCK_MONOTONIC. */
struct cmshim_stamp {
	uint64_t ticks;
	uint64_t monotonic_ns;
};

enum cmshim_state {
	CMSHIM_RECORDING = 1, /* still, or the process was killed */
	CMSHIM_EXITED = 2,    /* exit() ran; later events may follow */
	CMSHIM_STOPPED = 3,   /* no room for another chunk: see lost */
};

enum cmshim_header_flag {
	CMSHIM_FORKED = 1 << 0,	    /* a forked child: locks may be held that
				       were taken before the trace began */
	CMSHIM_NO_STACKS = 1 << 1,  /* CMSHIM_STACKS=none */
	CMSHIM_ALL_STAMPS = 1 << 2, /* CMSHIM_STAMPS=all: every hold is exact */
};

/* Why something was not recorded; index into header.lost. */
enum cmshim_loss {
	CMSHIM_LOST_EVENTS,  /* no room for them: full disk, limit, seccomp; or
				by clone(2)'s, in its maker's thread-local
				storage */
	CMSHIM_LOST_OBJECTS, /* events on objects past the table's size */
	CMSHIM_LOST_NESTED,  /* in a signal handler inside another's record */
	CMSHIM_LOST_STACKS,  /* events recorded without a stack */
	CMSHIM_LOST_FRAMES,  /* stacks cut short: no unwind information, a
				stack of unknown bounds, or a busy unwinder */
	CMSHIM_N_LOSSES = 16,
};

struct cmshim_header {
	char magic[8]; /* stored last */
	uint32_t version;
	uint32_t byte_order; /* CMSHIM_BYTE_ORDER as the recorder writes it */
	uint32_t header_bytes;
	uint16_t machine;    /* ELF e_machine */
	uint16_t word_bytes; /* size of a pointer */
	uint32_t pid;
	uint32_t parent_pid;
	uint64_t process_start; /* clock ticks after boot: with the pid, which
				   process; survives exec */
	uint32_t clock;		/* enum cmshim_clock */
	uint32_t flags;		/* enum cmshim_header_flag, or-ed */
	struct cmshim_stamp start;
	struct cmshim_stamp last; /* renewed with every chunk, and at exit */
	uint64_t start_realtime_ns;
	uint32_t state;	      /* enum cmshim_state */
	uint32_t hold_period; /* one hold in so many is stamped, on average,
				 where a chunk does not say */
	uint64_t lost[CMSHIM_N_LOSSES];
	char program[1024];   /* absolute path; ends with NUL */
	char arguments[2048]; /* each ends with NUL; cut at the end */
	char name[64]; /* last part of the path that it was started by, which
			  may be a link or a script; ends with NUL; empty:
			  that of program */
};

enum cmshim_chunk_type {
	CMSHIM_CHUNK_EVENTS = 1,
	CMSHIM_CHUNK_DEFS = 2,
};

enum cmshim_chunk_flag {
	/* Written in a signal handler that interrupted the recording of an
	   event; every burst of events begins with NESTED. */
	CMSHIM_CHUNK_NESTED = 1 << 0,
};

struct cmshim_chunk {
	uint32_t magic; /* stored last */
	uint16_t type;	/* enum cmshim_chunk_type */
	uint16_t flags; /* enum cmshim_chunk_flag, or-ed */
	uint32_t stream;
	uint32_t index;	 /* within the stream and type, from 0 */
	uint32_t thread; /* whose events; for definitions: whoever began it */
	uint32_t hold_period; /* one hold in so many that begin in the chunk is
				 SAMPLED, on average; 0: as in the header */
	uint64_t bytes;	      /* this header included; a multiple of 64 */
	struct cmshim_stamp start;
	uint64_t lost; /* events that the thread had no room for after this
			  chunk */
	uint64_t zero;
};

/* Fields of an event, as bits of its mask.  Stored lowest bit first. */
enum cmshim_field {
	CMSHIM_OBJECT = 1 << 0, /* number of an OBJECT definition */
	CMSHIM_STACK = 1 << 1,	/* number of a STACK of the stream; 0: none */
	CMSHIM_SEQ = 1 << 2,	/* the object's own number: see Order */
	CMSHIM_TIME = 1 << 3,	/* ticks since the last stamp: see Time */
	CMSHIM_CALL = 1 << 4,	/* number of a CALL; without it: the call that
				   is natural for class and op */
	CMSHIM_FLAGS = 1 << 5,	/* enum cmshim_flag, or-ed */
	CMSHIM_ARG = 1 << 6,	/* by op: see CMSHIM_OPS */
	CMSHIM_KEY = 1 << 7,	/* a hash of the key; equal keys, equal hash.
				   0: about no one key.  Left out: about one,
				   but it is not known when two are equal */
	CMSHIM_CODE = 1 << 8,	/* errno value of a failure */
	CMSHIM_END = 1 << 9,	/* see Maps and SIGNALLED */
	CMSHIM_DURATION = 1 << 10, /* ticks the call took */
	CMSHIM_MAX_FIELDS = 64,
};

#define CMSHIM_MASK_FOLLOWS 0x80u

/* See Again; ops are below. */
#define CMSHIM_AGAIN	  0x40u
#define CMSHIM_AGAIN_MOST 0x3fu

/* So many bytes at most is an event with the fields above. */
#define CMSHIM_EVENT_MAX_BYTES 124u

enum cmshim_flag {
	CMSHIM_TRY = 1 << 0,	    /* would not have waited */
	CMSHIM_TIMED = 1 << 1,	    /* would have waited up to a time */
	CMSHIM_FOREIGN = 1 << 2,    /* released by a thread that is not known to
				       hold it; the number was taken atomically */
	CMSHIM_OWNER_DIED = 1 << 3, /* robust mutex, taken over */
	CMSHIM_OVERLAP = 1 << 4,    /* see Maps */
	CMSHIM_WRITE = 1 << 5,	    /* MAP_ENTER: the call is a write */
	CMSHIM_HIT = 1 << 6,	    /* map: the key was there */
	CMSHIM_MISS = 1 << 7,	    /* map: the key was not there; ONCE_RETURN:
				       not done yet, the caller does it, up to
				       its ONCE_RAN.  Who comes later may find
				       it done without a call, and be ordered
				       after it without an event */
	CMSHIM_ABANDONED = 1 << 8,  /* map: the call was left by longjmp, an
				       exception or the thread's end */
	CMSHIM_CANCELLED = 1 << 9,  /* taken on the way out of a wait */
	CMSHIM_SERIAL = 1 << 10,    /* PTHREAD_BARRIER_SERIAL_THREAD */
	CMSHIM_INNER = 1 << 11,	    /* inside another call on the same map by
				       the same thread */
	CMSHIM_SAMPLED = 1 << 12,   /* acquire: this hold is one of the sample:
				       its release has a stamp too.  Other
				       holds with two stamps are not part of
				       it: they would bias it */
	CMSHIM_REMOVES = 1 << 13,   /* map write: takes out what is there; HIT
				       and MISS say whether it was.  Else it
				       puts in: MISS says that it is new */
	CMSHIM_ITERATOR = 1 << 14,  /* map: KEY names an iterator, not a key */
	CMSHIM_UNSEEN = 1 << 15, /* release: it was given up before, by a call
				    that was not seen; DESTROY: by the
				    lock's own account nobody had it */
};

/*
 * Operations: X(name, number, default fields, numbered, what happened).
 *
 * A release without OBJECT is of the lock that the thread took last and has not
 * released since, be it in vain.  An acquire after a REQUEST of the same object
 * is contended: it waited from then; its STACK may be left out and is then the
 * request's.
 */
#define CMSHIM_OPS(X)                                                          \
	X(ACQUIRE, 1, CMSHIM_OBJECT | CMSHIM_STACK, 1, "took exclusively")     \
	X(ACQUIRE_SHARED, 2, CMSHIM_OBJECT | CMSHIM_STACK, 1, "took shared")   \
	X(RELEASE, 3, 0, 1, "gave up; to follow: the call")                    \
	X(RELEASE_SHARED, 4, 0, 1, "the same, of a shared hold")               \
	/* the release, or the post, before it failed and did not happen */    \
	X(RELEASE_FAILED, 5, CMSHIM_OBJECT | CMSHIM_CODE, 0, "not released")   \
	/* found busy, about to wait; ARG: the object's number then, roughly   \
	 */                                                                    \
	X(REQUEST, 6, CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_TIME, 0,           \
	  "waits for it, exclusively")                                         \
	X(REQUEST_SHARED, 7, CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_TIME, 0,    \
	  "waits for it, shared")                                              \
	/* after a REQUEST: the wait failed; else the call failed at once. A   \
	   destroy call that was refused is one too */                         \
	X(REQUEST_FAILED, 8, CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_CODE, 0,    \
	  "did not get it")                                                    \
	/* condition: ARG is the mutex's OBJECT.  The mutex has a RELEASE      \
	   before WAIT and an ACQUIRE after WAKE, as events of their own */    \
	X(WAIT, 9, CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_TIME | CMSHIM_ARG, 1, \
	  "began to wait for a condition")                                     \
	X(WAKE, 10, CMSHIM_OBJECT | CMSHIM_TIME, 1, "ended it; CODE: how")     \
	X(SIGNAL, 11, CMSHIM_OBJECT | CMSHIM_STACK, 1, "about to wake one")    \
	X(BROADCAST, 12, CMSHIM_OBJECT | CMSHIM_STACK, 1, "about to wake all") \
	/* of the signal before it; left out if END would equal its SEQ */     \
	X(SIGNALLED, 13, CMSHIM_OBJECT | CMSHIM_END, 0,                        \
	  "the call returned; END: last number taken by then")                 \
	X(POST, 14, CMSHIM_OBJECT | CMSHIM_STACK, 1, "semaphore, up")          \
	X(TAKE, 15, CMSHIM_OBJECT | CMSHIM_STACK, 1, "semaphore, down")        \
	X(ARRIVE, 16, CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_TIME, 1,           \
	  "barrier, about to wait")                                            \
	X(DEPART, 17, CMSHIM_OBJECT | CMSHIM_TIME, 1, "barrier, passed")       \
	X(ONCE_RAN, 18, CMSHIM_OBJECT, 1, "the init routine has ended")        \
	X(ONCE_RETURN, 19, CMSHIM_OBJECT | CMSHIM_STACK, 1, "once returned")   \
	/* threads: ARG is the other thread's number */                        \
	X(CREATE, 20, CMSHIM_STACK | CMSHIM_ARG, 0, "about to create")         \
	X(CREATE_FAILED, 21, CMSHIM_ARG | CMSHIM_CODE, 0, "it was not made")   \
	/* a thread's first event; ARG: its parent, left out if unknown */     \
	X(START, 22, CMSHIM_TIME | CMSHIM_ARG, 0, "began")                     \
	/* destructors may run and record after it */                          \
	X(EXIT, 23, CMSHIM_TIME, 0, "is about to end")                         \
	X(JOIN, 24, CMSHIM_STACK | CMSHIM_ARG, 0, "has joined")                \
	X(DETACH, 25, CMSHIM_ARG, 0, "has detached")                           \
	X(FORK, 26, CMSHIM_STACK, 0, "about to fork")                          \
	X(FORKED, 27, CMSHIM_ARG, 0, "has forked; ARG: the child's pid")       \
	/* ARG: of a barrier its number of threads, of a semaphore its first   \
	   value; left out if it is 0 */                                       \
	X(INIT, 28, CMSHIM_OBJECT | CMSHIM_STACK, 1, "initialised")            \
	X(DESTROY, 29, CMSHIM_OBJECT | CMSHIM_STACK, 1, "destroyed")           \
	/* pthread_mutex_consistent */                                         \
	X(CONSISTENT, 30, CMSHIM_OBJECT, 1, "made consistent")                 \
	/* maps: one record at the end of a call ...  ARG, in any of its       \
	   records: how many elements; of a read, that are in the map; of a    \
	   write, that it took out.  One that REMOVES and has no ARG and a KEY \
	   of 0 takes out all */                                               \
	X(MAP_READ, 31,                                                        \
	  CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_CALL | CMSHIM_KEY, 0, "read")  \
	X(MAP_WRITE, 32,                                                       \
	  CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_CALL | CMSHIM_KEY, 1, "wrote") \
	/* ... unless something was to be recorded inside it, or it was found  \
	   overlapping: then this at that time, with the SEQ of its entry, and \
	   MAP_EXIT at the end; calls nest */                                  \
	X(MAP_ENTER, 33,                                                       \
	  CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_CALL | CMSHIM_KEY, 0,          \
	  "is inside a call")                                                  \
	X(MAP_EXIT, 34, CMSHIM_OBJECT, 0, "has left it")                       \
	/* one step of an iteration; KEY: a hash of the iterator's address */  \
	X(MAP_NEXT, 35,                                                        \
	  CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_CALL | CMSHIM_KEY, 0,          \
	  "went on to the next element")                                       \
	X(MAP_NEW, 36, CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_CALL, 0, "made")  \
	X(MAP_FREE, 37, CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_CALL, 1,         \
	  "destroyed, about to")                                               \
	/* order made by other means than a lock: what a thread did before     \
	   HAPPENS_BEFORE comes before what any thread does after a            \
	   HAPPENS_AFTER of the same object with a higher number */            \
	X(HAPPENS_BEFORE, 38, CMSHIM_OBJECT | CMSHIM_STACK, 1,                 \
	  "about to hand over")                                                \
	X(HAPPENS_AFTER, 39, CMSHIM_OBJECT | CMSHIM_STACK, 1,                  \
	  "has been handed what was given before")                             \
	/* a signal's; ARG: its number; those of one thread nest */            \
	X(HANDLER_ENTER, 40, CMSHIM_ARG, 0, "a signal handler began")          \
	X(HANDLER_EXIT, 41, CMSHIM_ARG, 0, "the handler has ended")            \
	/* recorded after it, and only if it took long and a lock was held.    \
	   TIME: its end */                                                    \
	X(BLOCKED, 42,                                                         \
	  CMSHIM_STACK | CMSHIM_TIME | CMSHIM_CALL | CMSHIM_DURATION, 0,       \
	  "was in a call that waits for something else than a lock")           \
	/* no DESTROY was seen; the address may be another object's later */   \
	X(FREED, 43, CMSHIM_OBJECT | CMSHIM_STACK, 1,                          \
	  "the memory it was in is about to be given back")                    \
	/* a function of the program is called by what CALL has made: a timer, \
	   a source of a main loop; those of one thread nest.  One that is     \
	   left by a jump has no end */                                        \
	X(CALLBACK_ENTER, 44, CMSHIM_CALL, 0, "a callback began")              \
	X(CALLBACK_EXIT, 45, 0, 0, "the callback has ended")                   \
	/* MAP_READ and MAP_WRITE with one flag, HIT or MISS (version 2) */    \
	X(MAP_FOUND, 46,                                                       \
	  CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_CALL | CMSHIM_KEY, 0,          \
	  "read; the key was there")                                           \
	X(MAP_MISSED, 47,                                                      \
	  CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_CALL | CMSHIM_KEY, 0,          \
	  "read; the key was not there")                                       \
	X(MAP_CHANGED, 48,                                                     \
	  CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_CALL | CMSHIM_KEY, 1,          \
	  "wrote; the key was there")                                          \
	X(MAP_ADDED, 49,                                                       \
	  CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_CALL | CMSHIM_KEY, 1,          \
	  "wrote; the key was not there")                                      \
	/* not events of the program: */                                       \
	/* first in a chunk, outermost first: what the thread holds as the     \
	   chunk begins; for a reader that has not seen the chunks before.     \
	   ARG: 1 if shared */                                                 \
	X(HELD, 60, CMSHIM_OBJECT | CMSHIM_ARG, 0, "holds")                    \
	/* where a burst of nested events belongs: while the event at byte END \
	   of chunk ARG of the stream KEY was being recorded.  With CODE, END  \
	   is the byte of an AGAIN, and it was the event after the first CODE  \
	   of those, there or behind it */                                     \
	X(NESTED, 61, CMSHIM_ARG | CMSHIM_KEY | CMSHIM_END, 0, "interrupted")  \
	/* ARG events are missing here */                                      \
	X(DROP, 62, CMSHIM_ARG, 0, "lost")

enum cmshim_op {
	CMSHIM_OP_NONE = 0, /* never in a trace */
#define X(name, number, fields, numbered, text) CMSHIM_OP_##name = number,
	CMSHIM_OPS(X)
#undef X
		CMSHIM_N_OPS = 63,
};

enum cmshim_class {
	CMSHIM_NONE = 0, /* of calls that are about no object */
	CMSHIM_MUTEX = 1,
	CMSHIM_RWLOCK = 2,
	CMSHIM_CONDITION = 3,
	CMSHIM_SEMAPHORE = 4,
	CMSHIM_BARRIER = 5,
	CMSHIM_SPINLOCK = 6,
	CMSHIM_ONCE = 7,
	CMSHIM_MAP = 8,
	/* A word that threads wait on by futex(2): WAIT without a mutex, WAKE
	   (CODE: EAGAIN if it did not wait), SIGNAL and SIGNALLED.  Who waits
	   on several words at once has a WAIT of each, then a WAKE of each:
	   first that of the word it was woken at, then those of the others
	   with ECANCELED; if it was not woken, all with the same CODE. */
	CMSHIM_FUTEX = 9,
	/* What hands things over: a queue, a pipe, a timer, a thread pool, a
	   signal, a mark of the program's own. */
	CMSHIM_CHANNEL = 10,
	CMSHIM_N_CLASSES,
};

/* What kind of object of its class; one of a group may be set. */
enum cmshim_kind {
	CMSHIM_RECURSIVE = 1 << 0,
	CMSHIM_ERRORCHECK = 1 << 1,
	CMSHIM_ADAPTIVE = 1 << 2,
	CMSHIM_ROBUST = 1 << 3,
	CMSHIM_PRIO_INHERIT = 1 << 4,
	CMSHIM_PRIO_PROTECT = 1 << 5,
	CMSHIM_PROCESS_SHARED = 1 << 6,
	CMSHIM_PREFER_WRITER = 1 << 7, /* rwlock, non-recursive kind */
	CMSHIM_C11 = 1 << 8,
	CMSHIM_SEEN_INIT = 1 << 9, /* an init call was seen; else it was first
				      seen in use: static, or older than us */
};

enum cmshim_discipline {
	CMSHIM_CALLER_LOCKS = 1, /* the caller keeps two threads apart */
	CMSHIM_SELF_LOCKED = 2,	 /* the library does */
};

/*
 * Definitions stand before what uses them is stored.  A number may be defined
 * twice with the same content.  Payloads are varints in the order given;
 * STRING is a varint length and that many bytes, without NUL.  A payload may
 * be longer than a reader knows; what is missing at its end is zero.
 */
enum cmshim_def {
	/* number, op, class, family (0: none), name STRING.  Of the calls of
	   one op and class the one with the lowest number is the natural. */
	CMSHIM_DEF_CALL = 1,
	/* number, discipline, title STRING */
	CMSHIM_DEF_FAMILY = 2,
	/* number, class, kind, address, first (number of the object's first
	   event, 1 or more), family, stack (of this stream; where it was
	   made or first seen), generation (an object that comes to be at the
	   address of another of this class has a higher one) */
	CMSHIM_DEF_OBJECT = 3,
	/* number, epoch (of the modules), same, n, n addresses.  The frames
	   from the innermost on are the n addresses, then the `same` outermost
	   frames of the STACK defined last in this stream.  An address is the
	   return address; stored as zigzag of the difference to the address
	   before it, the first one to 0. */
	CMSHIM_DEF_STACK = 4,
	/* number, kernel id, parent (0: unknown; the first thread is 1),
	   address of the start routine (0: unknown), epoch, pthread_t */
	CMSHIM_DEF_THREAD = 5,
	/* thread, name STRING; the later counts */
	CMSHIM_DEF_THREAD_NAME = 6,
	/* epoch (from which on it is there), first address, end address, bias
	   (address in memory less address in the file's symbols), path STRING,
	   build id STRING (bytes) */
	CMSHIM_DEF_MODULE = 7,
	/* epoch (from which on it is gone), first address */
	CMSHIM_DEF_MODULE_GONE = 8,
	/* object, name STRING; said by the program */
	CMSHIM_DEF_NAME = 9,
};

_Static_assert(sizeof(struct cmshim_stamp) == 16, "on disk");
_Static_assert(sizeof(struct cmshim_header) == 3360, "on disk");
_Static_assert(sizeof(struct cmshim_chunk) == 64, "on disk");

#endif
