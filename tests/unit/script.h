/* SPDX-License-Identifier: MIT */
/*
 * Event streams written down as they would be told:
 *
 *	struct event story[] = { ACQUIRE(1, A), WAITED(2, A, 30) };
 *
 * is thread 1 taking mutex A, then thread 2 taking it after a wait of 30 ns.
 *
 * The n-th event has stack n and the stamp n ns, if its op has a stamp by
 * default; AT() and WHEN() say otherwise.  Numbers of locks are counted; those
 * of maps are told, with END: READ(1, M, 4, 6) is a read that entered after
 * write 4 and left after write 6 had entered.
 */
#ifndef TESTS_SCRIPT_H
#define TESTS_SCRIPT_H

#include "analysis.h"
#include "report/report_view.h"
#include "second.h"

enum {
	SCRIPT_THREADS = 80,
	SCRIPT_STACKS = 4096,
	LIBRARY_STACK = 4000, /* a library's alone; others have no frames */
};

enum script_object {
	A = 1, /* mutexes */
	B,
	C,
	RECURSIVE,
	CHECKED, /* error-checking mutex */
	ROBUST,
	PROCESS_SHARED,
	RW, /* rwlocks, 32 bytes apart, in one cache line */
	RW2,
	SPIN,
	SEM,
	CONDITION,
	M,	    /* maps that callers must lock */
	N,	    /* its making was seen */
	SAFE_MAP,   /* one that locks itself */
	RW_WRITERS, /* rwlock that prefers writers */
	CONDITION2,
	BARRIER,
	ONCE,
	ONCE_VARIABLE, /* in the program's file */
	CHANNEL,
	FUTEX,
	FUTEX2,
	FUTEX3,
	/* at one address, the later after the earlier: */
	VARIABLE, /* mutexes in the program's file */
	VARIABLE_AGAIN,
	ON_HEAP, /* mutexes */
	ON_HEAP_AGAIN,
	BARRIER_AGAIN,
	MADE_MAP, /* 11 maps made at one place */
	LAST_MADE_MAP = MADE_MAP + 10,
	SCRIPT_OBJECTS,
};

enum script_call {
	LOOKUP = 1,
	INSERT,
	NEXT,
	FREE,
	LOCK,
	DESTROY_CALL,
	SET_TIMER,
	SCRIPT_CALLS,
};

struct event told(int op, uint32_t thread, uint32_t object);
struct event told_map(int op, uint32_t thread, uint32_t map, uint64_t seq,
		      uint64_t end);
struct event told_wait(struct event ev, uint64_t wait_ns);
struct event told_code(struct event ev, uint16_t code);
struct event told_thread(int op, uint32_t thread, uint32_t other);
struct event told_end(struct event ev, uint64_t end);
struct event told_key(uint64_t key, struct event ev);

/* How it is told otherwise. */
struct event told_at(uint32_t stack, struct event ev);
struct event told_when(uint64_t time_ns, struct event ev);
struct event told_flags(unsigned flags, struct event ev);
struct event told_other(uint32_t other, struct event ev);
struct event told_arg(uint64_t arg, struct event ev);
struct event told_call(uint32_t call, struct event ev);
struct event told_count(uint64_t count, struct event ev);

#define AT(stack, ev)	   told_at(stack, ev)
#define WHEN(ns, ev)	   told_when(ns, ev)
#define FLAGGED(flags, ev) told_flags(flags, ev)
#define TIMED(ev)	   told_flags(CMSHIM_TIMED, ev)
#define TRIED(ev)	   told_flags(CMSHIM_TRY, ev)
#define KEY(key, ev)	   told_key(key, ev)
#define COUNT(n, ev)	   told_count(n, ev)
#define HIT(ev)		   FLAGGED(CMSHIM_HIT, ev)
#define MISS(ev)	   FLAGGED(CMSHIM_MISS, ev)

#define ACQUIRE(who, lock)	     told(CMSHIM_OP_ACQUIRE, who, lock)
#define ACQUIRE_SHARED(who, lock)    told(CMSHIM_OP_ACQUIRE_SHARED, who, lock)
#define WAITED(who, lock, ns)	     told_wait(ACQUIRE(who, lock), ns)
#define WAITED_SHARED(who, lock, ns) told_wait(ACQUIRE_SHARED(who, lock), ns)
#define RELEASE(who, lock)	     told(CMSHIM_OP_RELEASE, who, lock)
#define RELEASE_SHARED(who, lock)    told(CMSHIM_OP_RELEASE_SHARED, who, lock)
#define FOREIGN(who, lock)	     FLAGGED(CMSHIM_FOREIGN, RELEASE(who, lock))
#define RELEASE_FAILED(who, lock)    told(CMSHIM_OP_RELEASE_FAILED, who, lock)
#define REQUEST(who, lock)	     told(CMSHIM_OP_REQUEST, who, lock)
#define REQUEST_SHARED(who, lock)    told(CMSHIM_OP_REQUEST_SHARED, who, lock)
#define REQUEST_FAILED(who, lock, error) \
	told_code(told(CMSHIM_OP_REQUEST_FAILED, who, lock), error)
#define WAIT(who, cond) told(CMSHIM_OP_WAIT, who, cond)
#define WAKE(who, cond) told(CMSHIM_OP_WAKE, who, cond)
#define WAIT_WITH(who, cond, mutex) \
	told_other(mutex, told(CMSHIM_OP_WAIT, who, cond))
#define SIGNAL(who, cond)    told(CMSHIM_OP_SIGNAL, who, cond)
#define BROADCAST(who, cond) told(CMSHIM_OP_BROADCAST, who, cond)
#define SIGNALLED(who, cond, end) \
	told_end(told(CMSHIM_OP_SIGNALLED, who, cond), end)
#define TAKE(who, sem)		 told(CMSHIM_OP_TAKE, who, sem)
#define POST(who, sem)		 told(CMSHIM_OP_POST, who, sem)
#define INIT(who, lock)		 told(CMSHIM_OP_INIT, who, lock)
#define INIT_FOR(who, object, n) told_arg(n, told(CMSHIM_OP_INIT, who, object))
#define DESTROY(who, lock)	 told(CMSHIM_OP_DESTROY, who, lock)
#define DESTROY_REFUSED(who, lock) \
	told_call(DESTROY_CALL,    \
		  told_code(told(CMSHIM_OP_REQUEST_FAILED, who, lock), EBUSY))
#define FREED(who, lock)       told(CMSHIM_OP_FREED, who, lock)
#define CONSISTENT(who, lock)  told(CMSHIM_OP_CONSISTENT, who, lock)
#define ARRIVE(who, barrier)   told(CMSHIM_OP_ARRIVE, who, barrier)
#define DEPART(who, barrier)   told(CMSHIM_OP_DEPART, who, barrier)
#define ONCE_RAN(who, once)    told(CMSHIM_OP_ONCE_RAN, who, once)
#define ONCE_RETURN(who, once) told(CMSHIM_OP_ONCE_RETURN, who, once)
#define BEFORE(who, channel)   told(CMSHIM_OP_HAPPENS_BEFORE, who, channel)
#define AFTER(who, channel)    told(CMSHIM_OP_HAPPENS_AFTER, who, channel)
#define CREATE(who, child)     told_thread(CMSHIM_OP_CREATE, who, child)
#define BEGIN(child, parent)   told_thread(CMSHIM_OP_START, child, parent)
#define JOIN(who, child)       told_thread(CMSHIM_OP_JOIN, who, child)
#define HELD(who, lock)	       told(CMSHIM_OP_HELD, who, lock)
#define START(who)	       told(CMSHIM_OP_START, who, 0)
#define EXIT(who)	       told(CMSHIM_OP_EXIT, who, 0)
#define ENDED(who)	       told(EVENT_THREAD_END, who, 0)
#define DROP(who)	       told(CMSHIM_OP_DROP, who, 0)
#define GAP(object)	       told(EVENT_GAP, 0, object)

#define READ(who, map, seq, end) \
	told_map(CMSHIM_OP_MAP_READ, who, map, seq, end)
#define WRITE(who, map, seq, end) \
	told_map(CMSHIM_OP_MAP_WRITE, who, map, seq, end)
#define ENTER_READ(who, map, seq) \
	told_map(CMSHIM_OP_MAP_ENTER, who, map, seq, seq)
#define ENTER_WRITE(who, map, seq) \
	FLAGGED(CMSHIM_WRITE, told_map(CMSHIM_OP_MAP_ENTER, who, map, seq, seq))
#define NEW(who, map)		told_map(CMSHIM_OP_MAP_NEW, who, map, 0, 0)
#define FREE_MAP(who, map, seq) told_map(CMSHIM_OP_MAP_FREE, who, map, seq, seq)
#define LEAVE(who, map, end)	told_map(CMSHIM_OP_MAP_EXIT, who, map, 0, end)
#define REMOVE(who, map, seq)   \
	FLAGGED(CMSHIM_REMOVES, \
		told_map(CMSHIM_OP_MAP_WRITE, who, map, seq, seq))
/* An iterator's first call, a step, and a removal through it. */
#define BEGIN_WITH(who, map, iterator, seq) \
	FLAGGED(CMSHIM_ITERATOR, KEY(iterator, READ(who, map, seq, seq)))
#define STEP(who, map, iterator, seq)                                       \
	FLAGGED(CMSHIM_ITERATOR, KEY(iterator, told_map(CMSHIM_OP_MAP_NEXT, \
							who, map, seq, seq)))
#define REMOVE_WITH(who, map, iterator, seq) \
	HIT(FLAGGED(CMSHIM_ITERATOR, KEY(iterator, REMOVE(who, map, seq))))
#define HANDLER_ENTER(who) told(CMSHIM_OP_HANDLER_ENTER, who, 0)
#define HANDLER_EXIT(who)  told(CMSHIM_OP_HANDLER_EXIT, who, 0)
#define CALLED_BACK(who) \
	told_call(SET_TIMER, told(CMSHIM_OP_CALLBACK_ENTER, who, 0))
#define CALLBACK_ENDS(who) told(CMSHIM_OP_CALLBACK_EXIT, who, 0)

/* The trace around the story; zeros are an ordinary one. */
struct setting {
	enum cmshim_state state; /* 0: CMSHIM_EXITED */
	uint32_t flags;		 /* enum cmshim_header_flag, or-ed */
	uint64_t duration_ns;	 /* 0: the last stamp */
	/* Of what is asked about other orders; NULL: as always. */
	const struct second_limits *limits;
	uint32_t most_counts; /* see order_restart_at(); 0: as always */
};

#define N_EVENTS(story)	     (sizeof(story) / sizeof((story)[0]))
#define RUN(analysis, story) RUN_IN(analysis, story, NULL)
#define RUN_IN(analysis, story, setting) \
	run_story(analysis, story, N_EVENTS(story), setting)
#define WORLD(story) world_after(story, N_EVENTS(story))

/* Valid until the next call. */
const struct report *run_story(const struct analysis *analysis,
			       const struct event *story, size_t n,
			       const struct setting *setting);
const struct world *world_after(const struct event *story, size_t n);

/* What the report says about a lock or map; fails the test if it is nothing. */
const struct lock_usage *usage_of_lock(const struct report *r, uint32_t lock);
const struct map_profile *profile_of_map(const struct report *r, uint32_t map);
const struct map_usage *usage_of_map(const struct report *r, uint32_t map);

/* The only finding; fails the test if there are more or none. */
const struct finding *only_finding(const struct report *r);

extern const struct analysis analysis_condition;
extern const struct analysis analysis_check_then_act;
extern const struct analysis analysis_contention;
extern const struct analysis analysis_deadlock;
extern const struct analysis analysis_fork;
extern const struct analysis analysis_guards;
extern const struct analysis analysis_iteration;
extern const struct analysis analysis_lifetime;
extern const struct analysis analysis_map_life;
extern const struct analysis analysis_map_profile;
extern const struct analysis analysis_map_race;
extern const struct analysis analysis_misuse;
extern const struct analysis analysis_overlap;
extern const struct analysis analysis_perf_kind;
extern const struct analysis analysis_perf_line;
extern const struct analysis analysis_perf_spin;
extern const struct analysis analysis_perf_wait;
extern const struct analysis analysis_reentrant;
extern const struct analysis analysis_robust;
extern const struct analysis analysis_rwlock;
extern const struct analysis analysis_semaphore;
extern const struct analysis analysis_wakeup;
extern const struct analysis analysis_whatif;

#endif
