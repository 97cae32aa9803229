/* SPDX-License-Identifier: MIT */
/*
 * What of a run decides when its threads went on: waits, what ended them, and
 * the critical sections of the locks that were waited for.  Small enough to
 * be gone through again, with other rules: see replay.h.
 *
 * A trace does not say when most things happened, and need not: between two
 * steps of a thread it computed, or did what no lock of ours decides.  Times
 * that are known: the two ends of a wait; a release while somebody waited; of
 * the holds a sample; with CMSHIM_STAMPS=all every one.
 *
 * Of a run with more steps than MAX_STEPS the first are kept.
 */
#ifndef REPORTS_STEPS_H
#define REPORTS_STEPS_H

#include "store.h"
#include "world/world.h"

enum step_op {
	STEP_TAKEN = 1, /* a lock; wait_ns 0: at once */
	STEP_GIVEN,	/* a lock, at a known time */
	STEP_WOKEN,	/* a wait for something else has ended */
	STEP_SENT,	/* what may end such a wait; without a time */
	STEP_ARRIVED,	/* at a barrier */
	STEP_DEPARTED,
	STEP_CREATED, /* the thread `what`; without a time */
	STEP_STARTED,
	STEP_JOINED, /* the thread `what`; time 0: not known */
	STEP_ENDED,  /* the last of the thread */
};

enum step_flag {
	STEP_SHARED = 1 << 0,
	STEP_TIMED_OUT = 1 << 1, /* ended by no other thread */
	STEP_READS = 1 << 2,	 /* the section only read maps */
	STEP_UNTIMED = 1 << 3,	 /* GIVEN: since when it was held is not known
				  */
};

struct step {
	uint64_t time_ns;
	uint64_t wait_ns;    /* GIVEN: held for so long, without waits in it */
	uint64_t blocked_ns; /* GIVEN: of it in calls that blocked */
	uint32_t thread;
	uint32_t what; /* slot, or thread */
	uint16_t keys; /* of a section: classes of keys used, a bit each */
	uint16_t maps; /* maps used: bit n is the slot's map n, 15 the rest */
	uint8_t op, flags;
};

/* An object that was waited for. */
struct slot {
	uint32_t object;
	uint32_t maps[15]; /* used inside it, as they came */
	uint32_t n_maps;
	uint64_t wait_ns;	   /* lock: of all its waits */
	uint64_t n_given, n_timed; /* releases here; with a known hold */
	/* Sections with a release, also those that are no step: all, and those
	   in which maps were read and nothing else was seen. */
	uint64_t n_sections, n_reading;
	uint64_t reading_ns, n_reading_timed;
};

struct steps;

struct steps *steps_new(const struct trace_info *info);
void steps_free(struct steps *steps);

/* To be told of each event by one of these. */
void steps_acquired(struct steps *steps, const struct event *ev);
void steps_released(struct steps *steps, const struct event *ev,
		    const struct world *world);
void steps_used(struct steps *steps, const struct event *ev); /* a map */
void steps_event(struct steps *steps, const struct event *ev,
		 const struct world *world);

/* After the last event: ends what has not ended. */
void steps_finish(struct steps *steps, const struct world *world);

size_t steps_n_steps(const struct steps *steps);
const struct step *steps_step(const struct steps *steps, size_t i);

/* Slots are numbered from 1. */
size_t steps_n_slots(const struct steps *steps);
const struct slot *steps_slot(const struct steps *steps, size_t i);

/* Whether steps were left out, the run being too long. */
bool steps_is_cut(const struct steps *steps);

#endif
