/* SPDX-License-Identifier: MIT */
/*
 * A context: what one thread needs to record.  It lies in mapped memory that
 * a forked child finds zeroed; the thread-local storage of the program holds
 * one pointer to it.
 *
 * Life.  A thread gets a context at its start, or at its first event if we
 * did not see it start.  When the thread is gone from the kernel, not before
 * (destructors may record after anything of ours has run), the context goes
 * to the next new thread, with what it knows and the rest of its chunk.
 *
 * Signals.  `busy` is set while the context is in use.  A handler that
 * interrupts such a moment records in a second, nested context of the thread.
 */
#ifndef SHIM_CONTEXT_H
#define SHIM_CONTEXT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chunk.h"
#include "object.h"

#define likely(condition)   __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#define HOT		    static inline __attribute__((always_inline))
#define COLD		    __attribute__((noinline, cold))
#define APART		    __attribute__((noinline)) /* neither */

/*
 * A number as a varint in a register, so that an event can be stored by one
 * instruction: its bytes, the first one lowest, above eight bits that say how
 * many bits they are.  0: no number, or one that is too large.
 */
struct code {
	uint32_t packed;
};

HOT struct code code_of(uint32_t bytes, unsigned bits)
{
	return (struct code){ bytes << 8 | bits };
}

HOT uint32_t code_bytes(struct code code)
{
	return code.packed >> 8;
}

HOT unsigned code_bits(struct code code)
{
	return (uint8_t)code.packed;
}

/* The number that it stands for. */
HOT uint32_t code_number(struct code code)
{
	return (code.packed >> 8 & 0x7f) | (code.packed >> 16 & 0x7f) << 7 |
	       (code.packed >> 24 & 0x7f) << 14;
}

/* The numbers that have one are below. */
#define CODE_END 0x200000

/* Pages of stacks. */
#define PAGE_BITS   12
#define N_ELSEWHERE 256

/*
 * A lock that the thread holds, once for each time it took it.  Of an id there
 * is one key.
 */
struct held {
	uint64_t key;
	/* Its id; above it the id's code, whose number of bits leaves room for
	   enum held_how. */
	uint64_t what;
};

enum held_how {
	HELD_SHARED = 1 << 6,
	HELD_SAMPLED = 1 << 7, /* its release is to be stamped */
};

HOT uint64_t held_what(uint32_t id, struct code code)
{
	return id | (uint64_t)code.packed << 32;
}

HOT uint64_t held_as(uint64_t what, uint32_t how)
{
	return what | (uint64_t)how << 32;
}

HOT uint32_t held_id(const struct held *held)
{
	return (uint32_t)held->what;
}

HOT uint32_t held_how(const struct held *held)
{
	return (uint32_t)(held->what >> 32) & (HELD_SHARED | HELD_SAMPLED);
}

/* An object as this context knows it. */
struct known {
	struct held as_held; /* with the id that number belongs to */
	struct object *object;
	/* The last number that this context's events of this chunk had on it,
	   or NOT_OURS, which it stays if the id has no code. */
	uint64_t number;
};

#define KNOWN_SHIFT 5
_Static_assert(sizeof(struct known) == 1 << KNOWN_SHIFT, "two to a line");

#define NOT_OURS (UINT64_MAX - 1)

HOT uint32_t known_id(const struct known *k)
{
	return held_id(&k->as_held);
}

HOT struct code known_code(const struct known *k)
{
	return (struct code){ (uint32_t)(k->as_held.what >> 32) };
}

#define N_KNOWN	   1024
#define KNOWN_BITS 10

/* Touched as used; what is beyond is released FOREIGN. */
#define MAX_HELD 8192

/* Who seems to hold more has perhaps given up some unseen: see given_up.h. */
#define FEW_HELD 16

/* What a map call is: known before it is entered. */
struct map_call {
	uint8_t op;	 /* enum cmshim_op: MAP_READ, MAP_NEXT or MAP_WRITE */
	uint8_t family;	 /* number of a FAMILY */
	uint16_t number; /* of a CALL */
};

enum open_flag {
	OPEN_TOLD = 1 << 16,	    /* MAP_ENTER is written */
	OPEN_UNKNOWN_KEY = 1 << 17, /* about a key that has no number */
};

/* A map call that has been entered and not left. */
struct open_call {
	struct object *object;
	struct known *known; /* as it was then; may be another's by now */
	uint64_t what;	     /* held.what, as it was then */
	const void *frame;   /* of its wrapper: a shallower event closes it */
	uint64_t number;
	uint32_t key;	   /* keys_code(); 0: none, or one without */
	struct code stack; /* its number */
	/* Neither of them in most calls. */
	union {
		struct {
			uint32_t flags; /* enum cmshim_flag, as far as they are
					   known, and enum open_flag */
			uint32_t n_own; /* writes of this thread inside it */
		};
		uint64_t unusual;
	};
	struct map_call call;
	uint32_t pc; /* where it was called from, its lower half */
} __attribute__((aligned(64)));

#define MAX_OPEN 64

/* A signal handler that has been entered and not left. */
struct open_handler {
	const void *frame; /* of its stub */
	/* The alternate stack it runs on; 0, 0: it runs on the thread's. */
	uintptr_t low, high;
	uint32_t signo;
};

#define MAX_HANDLERS 16

/* The encoder's marks in context.busy, besides the address of its frame. */
#define BUSY_OWN 1 /* inside our own slow paths: our calls are not recorded */

struct memo;
struct stack_table;

struct context {
	/* First cache lines: what every event touches. */
	struct memo *memo;
	struct writer events;
	_Atomic uintptr_t busy; /* 0; BUSY_OWN; or the frame that uses it */
	/* Both change with each acquire. */
	union {
		struct {
			uint32_t n_held;
			uint32_t until_sample; /* acquires until the next
						  stamped hold */
		};
		uint64_t holds;
	};
	/* What may have been left by a jump, and who may be asking; all are
	   looked at at once. */
	union {
		struct {
			uint16_t n_open;    /* of open */
			uint8_t n_handlers; /* of handlers */
			/* Others than the thread find this context: see
			   owner_lends(). */
			bool is_lent : 1;
			/* It is this thread's turn: see reclaim.h. */
			bool is_due : 1;
			/* It seems to hold many locks: see given_up.h. */
			bool is_crowded : 1;
		};
		uint32_t n_watched;
	};
	uint32_t memo_generation;
	uint32_t held_room; /* holds until they are looked at; MAX_HELD */
	/*
	 * How far above stack_low an event may come from without a look: to the
	 * stack's end, or to the lowest object on it, of which a frame above it
	 * says that the object's has returned (lives.h).  Other threads lower
	 * it.  A frame that is on another stack is further away, too.
	 */
	_Atomic uintptr_t stack_watch;
	/* What is behind the chunk's last record, if that is an AGAIN. */
	uint8_t *again_end;
	uintptr_t stack_low, stack_high; /* bounds of the thread's stack */
	uint64_t again; /* what AGAIN repeats: encode_same(); 0: nothing */
	uint64_t last_ticks;
	uint32_t random;

	struct known known[N_KNOWN] __attribute__((aligned(64)));

	/* The rest is for slow paths. */
	struct writer defs;
	uint32_t refused;   /* times in a row that there was no room */
	uint32_t not_asked; /* events since there was none */
	uint32_t magic;	    /* 0: wiped by a fork */
	uint32_t stream;
	uint32_t thread;
	uint32_t parent;
	uint32_t kernel_id;
	bool stack_is_exact; /* not guessed */
	bool nested;	     /* this one is the nested context of another */
	/* Pages of other stacks that the thread was on, with its number, so
	   that the next one does not take them for its own: see owner.h. */
	uint64_t elsewhere[N_ELSEWHERE];
	/* The last round in which it was seen idle: see reclaim.c. */
	uint32_t idle_round;
	/* Nested: where the outer context stood at the last NESTED. */
	const uint8_t *anchor;
	uint8_t anchor_again;  /* the AGAIN before it; 0: none is */
	_Atomic bool exited;   /* may be handed on once the kernel forgot it */
	struct context *inner; /* the nested context, made when needed */
	struct context *outer; /* nested: whose it is */
	struct context *next;  /* of all contexts of the process */
	struct stack_table *stacks;
	struct open_call open[MAX_OPEN];
	struct open_handler handlers[MAX_HANDLERS];
	struct held held[1 + MAX_HELD]; /* the first one is none */
};

#define POS_AND_BUSY offsetof(struct context, events.pos)

_Static_assert(POS_AND_BUSY % 16 == 0 &&
		       POS_AND_BUSY + 8 == offsetof(struct context, busy),
	       "stored by one instruction: context_leave_at()");

/* Of the calling thread; NULL: none yet. */
extern __thread struct context *context_self
	__attribute__((tls_model("initial-exec"), visibility("hidden")));

/*
 * The context for one or more events of the calling thread, marked busy, or
 * NULL: nothing is to be recorded now.  In it there is room for CHUNK_MARGIN
 * bytes of events.  frame: the wrapper's frame address.
 */
COLD struct context *context_enter_slowly(const void *frame);

/* The end of a map call or a handler: other events look after open ones first.
 */
COLD struct context *context_enter_slowly_inside(const void *frame);

/* It is in use from now on, by this frame. */
HOT struct context *context_take(struct context *c, const void *frame)
{
	atomic_store_explicit(&c->busy, (uintptr_t)frame, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	return c;
}

HOT struct context *context_enter_inside(const void *frame)
{
	struct context *c = context_self;

	if (unlikely(!c ||
		     atomic_load_explicit(&c->busy, memory_order_relaxed) ||
		     c->events.pos >= c->events.limit))
		return context_enter_slowly_inside(frame);
	return context_take(c, frame);
}

/* Nobody records in it, and there is nothing to look after first. */
HOT bool context_is_free(const struct context *c)
{
	return !(atomic_load_explicit(&c->busy, memory_order_relaxed) |
		 c->n_watched);
}

HOT struct context *context_enter(const void *frame)
{
	struct context *c = context_self;

	if (unlikely(!c || !context_is_free(c) ||
		     (uintptr_t)frame - c->stack_low >
			     atomic_load_explicit(&c->stack_watch,
						  memory_order_relaxed) ||
		     c->events.pos >= c->events.limit))
		return context_enter_slowly(frame);
	return context_take(c, frame);
}

HOT void context_leave(struct context *c)
{
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&c->busy, 0, memory_order_relaxed);
}

typedef uint64_t context_two
	__attribute__((vector_size(16), may_alias, aligned(16)));

/* The same, and the next record is at pos; by one store. */
HOT void context_leave_at(struct context *c, uint8_t *pos)
{
	atomic_signal_fence(memory_order_seq_cst);
	*(volatile context_two *)(void *)((char *)c + POS_AND_BUSY) =
		(context_two){ (uintptr_t)pos, 0 };
}

/*
 * Around our own slow paths: what they call (libunwind's locks, say) is not
 * recorded, and signals wait, so that what handlers do is.  Needs two system
 * calls; not to be used behind a fence (process.fenced).
 */
struct signals {
	uintptr_t busy;
	uint64_t mask;
};

COLD struct signals context_own(struct context *c);
COLD void context_own_end(struct context *c, struct signals saved);

/* What is known of a thread before it runs. */
struct thread_facts {
	uint32_t thread; /* its number; 0: to be given */
	uint32_t parent; /* its creator's; 0: unknown */
	uint64_t start_routine;
	uintptr_t stack_low, stack_high; /* bounds; 0, 0: unknown */
};

/*
 * Gives the calling thread a context and records its START.  Keeps errno;
 * nothing happens if there is no memory.
 */
void context_attach(const struct thread_facts *facts);

/*
 * Appends a definition: kind, length, payload.  False: no room, and it is
 * counted.  The payload is at most 2 KiB.
 */
bool context_define(struct context *c, enum cmshim_def kind,
		    const uint8_t *payload, size_t bytes);

/* Says that the thread is about to end: see "Life" above. */
void context_exits(void);

#endif
