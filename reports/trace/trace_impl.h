/* SPDX-License-Identifier: MIT */
/*
 * What the files behind trace.h share; nobody else includes it.
 *
 *	trace.c         opening and closing; what can be asked of a trace
 *	trace_index.c   header, chunks, clock; which chunks make which log
 *	trace_defs.c    definitions: dense numbers for all that has one
 *	trace_stacks.c  stacks and modules: the larger of them
 *	trace_decode.h  one record out of bytes
 *	trace_merge.c   the logs, merged: when an event's turn has come
 *	trace_log.c     the logs: queue, heaps, from chunk to chunk
 *	trace_bursts.c  where the events of interrupting handlers belong
 *	trace_event.c   a record made an event
 *	trace_stall.c   what to do when nobody's turn has come
 *
 * A log is what one thread recorded in order: its chunks one after the other.
 * A signal handler that interrupted the recording of an event has a log of
 * its own, tied to the thread's at certain bytes ("bursts").
 */
#ifndef REPORTS_TRACE_IMPL_H
#define REPORTS_TRACE_IMPL_H

#include "store.h"
#include "trace/trace.h"

#define unlikely(x) __builtin_expect(!!(x), 0)

/* Numbers from here on are taken for damage: nothing counts so far, and sums
   with them cannot overflow. */
#define NUMBER_LIMIT ((uint64_t)1 << 62)

enum {
	KNOWN_FIELDS = 11, /* CMSHIM_OBJECT ... CMSHIM_DURATION */
	MAX_OPS = 128,
};

/* Numbers of the file to dense ones; nearly always an array. */
struct numbering {
	uint32_t *dense;
	size_t room;
	size_t n;
	struct table *outliers;
};

void numbering_set(struct numbering *numbers, uint64_t number, uint32_t dense);
void numbering_release(struct numbering *numbers);
uint32_t numbering_outlier(const struct numbering *numbers, uint64_t number);

/* 0 if it is not there. */
static inline uint32_t numbering_get(const struct numbering *numbers,
				     uint64_t number)
{
	if (number < numbers->room && numbers->dense[number])
		return numbers->dense[number];
	return unlikely(numbers->outliers) ? numbering_outlier(numbers, number)
					   : 0;
}

struct chunk {
	const uint8_t *at; /* of its header */
	uint64_t bytes;	   /* that are there, header included */
	uint64_t ticks, rank;
	uint64_t lost;
	uint32_t hold_period;
	uint32_t stream_number, index, thread_number;
	uint32_t stream;  /* in trace.streams */
	uint32_t thread;  /* dense */
	uint32_t log;	  /* in trace.logs */
	uint32_t ordinal; /* within the log */
	uint16_t type, flags;
	bool cut;  /* the file ends before the chunk does */
	bool open; /* may grow yet; bytes ends with its last record, of which */
	uint8_t n_again; /* so many events were there, if it is an AGAIN */
};

struct stream {
	struct numbering stacks;
	const uint64_t *last_frames; /* of the stack defined last */
	uint32_t n_last_frames;
	const uint8_t *defs_end; /* where the next definition would begin */
};

/* What the merge knows of an object. */
struct line {
	uint64_t next;	     /* the number that is to come */
	uint64_t first;	     /* the object's */
	uint64_t low, high;  /* numbers in [low, high) were given up */
	struct log *waiting; /* a heap by need */
	uint32_t last_chunk; /* that made number next - 1; its place + 1 */
	uint8_t class;
	bool foreign;  /* had a FOREIGN event */
	bool provided; /* used in a stall */
};

struct record {
	uint8_t op;
	bool ordered;	 /* takes number seq of its object */
	uint32_t mask;	 /* known fields that are there */
	uint32_t object; /* dense */
	uint64_t seq;
	uint64_t field[KNOWN_FIELDS]; /* by bit; only those in the mask */
};

enum log_state {
	LOG_READY,    /* running or in the queue */
	LOG_NUMBER,   /* waits for a number of an object: in line.waiting */
	LOG_ATTACHED, /* a burst whose byte is not reached: in log.bursts */
	LOG_START,    /* waits for the CREATE of its thread */
	LOG_JOIN,     /* waits for the end of another thread */
	LOG_BURST,    /* waits until the bursts that interrupted it are over */
	LOG_ENDED,
};

struct open_call {
	uint64_t seq, key;
	uint32_t object, call, stack;
	uint16_t flags;
	bool is_by_key;
};

struct log {
	/* The chunk being read. */
	const uint8_t *p, *end;
	const uint8_t *start; /* of the chunk: its header */
	const uint8_t *stop;  /* bursts begin here, or NEVER in this chunk */
	const uint8_t *at;    /* of the record in head */
	uint64_t ticks;	      /* last stamp */
	uint32_t serial;      /* the chunk's place in trace.chunks, plus 1 */
	uint32_t chunk, chunks_end; /* in trace.order */
	uint32_t ordinal;
	uint16_t weight; /* of the chunk's samples; 1 or more */
	const struct stream *stream;

	/* What AGAIN repeats; op 0: nothing. */
	struct {
		uint64_t object, stack;
		uint8_t op;
	} taken;
	/* Of the AGAIN at `at`: its events that head has been, and that are
	   still to come. */
	uint8_t again_done, again_left;

	struct record head;
	bool decoded; /* head is to be delivered */
	bool gap;     /* an EVENT_GAP goes before it */
	bool forced;  /* head need not wait any more */
	bool reading; /* a chunk is open */
	bool restate; /* HELD tells what is not known otherwise */
	bool dropped; /* a DROP was in this chunk, or events lost after it */
	bool nested;
	bool polite;	  /* has let bursts go first */
	bool interrupted; /* head is the record that bursts interrupted */
	uint8_t state;	  /* enum log_state */
	uint32_t thread;  /* dense */

	struct log *next;	     /* in the run queue; of joiners */
	struct log *child, *sibling; /* in a heap */
	uint64_t need;		     /* key in a heap */
	struct log *next_child;	     /* of thread.children */

	struct log *bursts; /* a heap by position_of() */
	uint32_t open_bursts;
	uint32_t burst_round;
	struct log *burst_of; /* the log that waits for this one */
	uint32_t burst_of_round;

	struct table *own_numbers; /* of this chunk, by map: own_number() */

	uint32_t *held; /* objects, in the order taken */
	size_t n_held, room_held;

	uint32_t request_object, request_stack, request_call;
	bool request_shared;
	uint64_t request_ns;

	struct open_call *calls;
	size_t n_calls, room_calls;
};

/* What the merge knows of a thread. */
struct thread {
	uint32_t log; /* the main one, plus 1; 0: none */
	uint32_t open_logs;
	bool created, exited;
	uint32_t parent;     /* as far as this reading knows; 0: unknown */
	bool create_ahead;   /* used in a stall */
	uint32_t unfinished; /* of its logs: ended without an EXIT */
	uint64_t time_ns;
	uint64_t n_events;
	struct log *joiners;
	struct log *children; /* waiting for this one to CREATE them */
};

struct clock {
	uint64_t start_ticks;
	uint64_t mult; /* ns per tick, times 2^32 */
};

struct trace {
	struct trace_info info;
	struct trace_info opened; /* as it was before the first event */
	const struct trace *of;	  /* whose definitions these are; NULL: its own
				   */
	struct arena *mem;
	const uint8_t *bytes;
	size_t size;
	bool mapped;
	struct cmshim_header header;
	struct clock clock;
	uint64_t lost_after; /* sums of chunks' lost and of DROPs */
	unsigned moved_checks;
	bool moved;   /* the recorder is still at it */
	bool missing; /* chunks, or events that were to be there */

	struct chunk *chunks; /* by type, stream, index */
	size_t n_chunks;
	size_t n_defs_chunks;
	uint32_t *order; /* event chunks by log */
	size_t n_order;
	struct stream *streams;
	size_t n_streams;

	struct call_info *calls;
	struct family_info *families;
	struct object_info *objects;
	struct thread_info *thread_infos;
	uint32_t *parents; /* of threads, as they are defined */
	struct stack_info *stacks;
	struct module_info *modules;
	struct numbering call_numbers, family_numbers, object_numbers,
		thread_numbers;
	/* [op][class]; class 0: of any */
	uint32_t natural[CMSHIM_N_OPS][CMSHIM_N_CLASSES];

	struct log *logs;
	size_t n_logs;
	struct thread *threads;
	struct line *lines;

	struct log *running;
	unsigned turns;		  /* that it may still take before others */
	struct log *first, *last; /* the run queue */
	uint32_t n_unfinished;	  /* ended logs that may lack one event */
	uint64_t look_ahead;	  /* bytes that stalls may still look at */
	uint64_t stall_work;	  /* logs that stalls may still look at */
	bool hopeless;		  /* nobody waits any more */
	uint64_t bytes_total, bytes_done;
	/* Counted here: others read info meanwhile. */
	uint64_t n_events;
};

/* Damage: the first is kept in words; what it says may hold numbers. */
void trace_damage(struct trace *t, const void *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Whether the recorder has gone on since the trace was opened. */
bool trace_moved(struct trace *t);
/* What has been read need not stay in memory; it may still be looked at. */
void trace_unload(struct trace *t, const uint8_t *from, const uint8_t *end);
/* A number that nothing defines: damage, unless it is known why. */
void trace_undefined(struct trace *t, const void *at, const char *what,
		     uint64_t number);

uint64_t clock_duration_ns(const struct clock *clock, uint64_t ticks);
uint64_t clock_time_ns(const struct clock *clock, uint64_t ticks);

/* trace_index.c; both return NULL, or why it cannot be read. */
const char *index_header(struct trace *t);
const char *index_chunks(struct trace *t);
void index_order(struct trace *t);
void index_logs(struct trace *t); /* for each reading */

/* trace_defs.c */
void defs_read(struct trace *t);
void defs_release(struct trace *t);

/* A varint-coded payload being read; once short, all that follows is 0. */
struct payload {
	const uint8_t *p, *end;
	bool bad; /* it ends within something */
};

uint64_t payload_varint(struct payload *from);
uint32_t payload_u32(struct payload *from); /* larger ones are the largest */
const uint8_t *payload_string(struct payload *from, size_t *n);

/* trace_stacks.c */
struct stack_builder;

struct stack_builder *stacks_begin(struct trace *t);
void stacks_define(struct stack_builder *b, struct stream *stream,
		   struct payload *from, const uint8_t *at);
void stacks_module(struct stack_builder *b, struct payload *from);
void stacks_module_gone(struct stack_builder *b, struct payload *from);
/* All modules are known: they are sorted, and stacks can be merged. */
void stacks_modules_done(struct stack_builder *b);
void stacks_end(struct stack_builder *b);

/* trace_bursts.c: a burst is tied to the log that it interrupted. */
bool burst_gate(struct trace *t, struct log *log);
void burst_attach(struct trace *t, struct log *burst);
void burst_over(struct trace *t, struct log *burst);
void burst_waits(struct trace *t, struct log *burst);
/* All that belong before `position`; sets log.stop for those that follow. */
void bursts_release(struct trace *t, struct log *log, uint64_t position);

#define NEVER ((const uint8_t *)UINTPTR_MAX) /* a log.stop */

/*
 * A place in a log: the chunk, the byte in it, and how many events of that are
 * before, if it is an AGAIN.  Farther than it counts is the farthest there is.
 */
enum { AGAIN_BITS = 6, BYTE_BITS = 32 };

static inline uint64_t position_of(uint64_t ordinal, uint64_t byte,
				   unsigned before)
{
	const uint64_t last =
		((uint64_t)1 << (64 - AGAIN_BITS - BYTE_BITS)) - 1;

	return (ordinal < last ? ordinal : last) << (AGAIN_BITS + BYTE_BITS) |
	       (byte < UINT32_MAX ? byte : UINT32_MAX) << AGAIN_BITS | before;
}

_Static_assert(CMSHIM_AGAIN_MOST < 1 << AGAIN_BITS, "position_of()");

/* So many events at most before another log's turn, so that threads that
   never meet still advance together. */
enum { TURNS = 4096 };

/* trace_log.c */
void merge_begin(struct trace *t);
void merge_finish(struct trace *t); /* counts that are complete only then */
void merge_end(struct trace *t);
struct log *queue_pop(struct trace *t); /* NULL if it is empty */
/* Nothing more is in the log's chunk; true with an event that this makes. */
bool chunk_over(struct trace *t, struct log *log, struct event *ev);
/* Lets others run until what the log waits for is there. */
void log_wait(struct trace *t, struct log *log, enum log_state state);
void log_ready(struct trace *t, struct log *log);
void heap_push(struct log **heap, struct log *log);
struct log *heap_pop(struct log **heap);

/* trace_merge.c: makes the logs ready whose number has come. */
void line_wake(struct trace *t, struct line *line);

/* trace_event.c */
void event_make(struct trace *t, struct log *log, struct event *ev);

/* trace_stall.c: makes at least one log ready; false if none waits. */
bool stall_resolve(struct trace *t);
/* Gives up the numbers below `next`; false if none were to come. */
bool stall_skip(struct line *line, uint64_t next);

#endif
