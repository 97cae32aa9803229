/* SPDX-License-Identifier: MIT */
/*
 * The report model: what analyses add and renderers show.
 *
 * A field is here because at least two formats show it.  A renderer that
 * needs more asks for a field, not for the trace.
 *
 * Analyses speak in the numbers of one trace (event.h).  report_finish()
 * sorts, groups and names: renderers then see text.
 */
#ifndef REPORTS_REPORT_H
#define REPORTS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store.h"

struct trace_info;

enum level { LEVEL_ADVICE, LEVEL_NOTE, LEVEL_WARNING, LEVEL_ERROR };

const char *level_name(enum level level); /* "advice", ... */

/* How sure a finding is; see each rule's help. */
enum tier {
	TIER_OBSERVED,	 /* it happened: a lock misused, a time measured */
	TIER_OVERLAP,	 /* two calls were inside at once: proof */
	TIER_PREDICTED,	 /* another schedule of what was seen would go wrong */
	TIER_DISCIPLINE, /* no common lock */
};

const char *tier_name(enum tier tier); /* "observed", ... */

/* What can be changed about a lock, to see what the run would have become. */
enum whatif {
	WHATIF_NONE,	/* nothing: as it was */
	WHATIF_FREE,	/* nobody ever waits for it */
	WHATIF_SHARD_2, /* one of 2 locks for each key */
	WHATIF_SHARD_4,
	WHATIF_SHARD_16,
	WHATIF_RWLOCK,	  /* sections that only read do so together */
	WHATIF_SPLIT,	  /* a lock for each map */
	WHATIF_HALF,	  /* held for half as long */
	WHATIF_UNBLOCKED, /* calls that block are made after the release */
	N_WHATIFS,
};

const char *whatif_name(enum whatif what); /* "free", "shard-2", ... */

/* A kind of finding.  The id is public: suppressions and SARIF name it. */
struct rule {
	const char *id;	   /* "perf-hot" */
	const char *title; /* "Threads waited for a lock" */
	const char *help;  /* what it means, what it can miss, what it can get
			      wrong, and what to do; in sentences */
	enum level level;
	const char *unit; /* of a finding's weight: "ns", "count" */
	/* Rules that find one mistake by different evidence have a word in
	   common: about an object only the surest tier is shown.  Or NULL. */
	const char *mistake;
	enum whatif remedy; /* what the replay says of it is shown with each
			       finding; see struct replay_usage */
};

/* A lock held at some side of a finding. */
struct side_lock {
	uint32_t object;
	uint32_t stack; /* where it was taken */
	bool shared;
};

/* One thread's part in a finding. */
struct side {
	const char *role; /* "wrote", "waited", "held it meanwhile"; literal */
	uint32_t thread;
	uint32_t call;	       /* 0: none */
	uint32_t stack;	       /* 0: not captured */
	uint32_t waits_for;    /* object; 0: none */
	uint64_t write_number; /* of the map; 0: none */
	bool has_time;
	uint64_t time_ns;
	const struct side_lock *held;
	size_t n_held;
	bool held_unknown; /* what was held then was not kept */
};

/*
 * The last time before two calls that the one's thread took what the other's
 * had given up.
 */
struct last_order {
	uint32_t object; /* by which; 0: the giver made the taker */
	uint32_t giver, taker;
	uint32_t given_stack; /* of a lock where it was taken; 0: not known */
	uint32_t taken_stack;
	bool has_time;
	uint64_t time_ns; /* when it was taken */
};

/* Why a finding may not be so; told in the message as well. */
enum finding_tag {
	TAG_CV_ONLY = 1 << 0, /* only a condition's signal orders the sides */
	TAG_ORPHAN = 1 << 1,  /* who made one of the threads was not seen */
	TAG_UNSEEN = 1 << 2,  /* order may have been made unseen: unseen.h */
	TAG_PSHARED = 1 << 3, /* ... by way of other processes */
	N_TAGS = 4,
};

const char *tag_name(unsigned bit); /* 0: "cv-only", ... */

struct finding {
	const struct rule *rule;
	enum level level; /* may be lower than the rule's */
	enum tier tier;
	uint32_t object;       /* lock or map; 0: none */
	uint64_t weight;       /* larger is worse; in the rule's unit */
	uint64_t count;	       /* how often it was seen; at least 1 */
	const char *message;   /* one sentence with the numbers; in the arena of
				  the run or literal */
	const char *advice;    /* what to change; likewise; or NULL */
	const char *reproduce; /* how to see it happen; likewise; or NULL */
	unsigned tags;	       /* enum finding_tag, or-ed */
	const struct last_order *last_order; /* of the first two sides; NULL:
						not known */
	const struct side *sides;
	size_t n_sides;
	bool is_circle; /* each side waits for a lock that another one holds:
			   all take what they hold, then all ask */
};

/*
 * Durations: exact count, sum and maximum; quantiles from buckets whose width
 * is an eighth of their value.
 */
struct durations {
	uint64_t n;	 /* weights */
	uint64_t sum_ns; /* weighted */
	uint64_t samples;
	uint64_t max_ns;
	uint32_t bucket[512];
};

/* weight: 1, or of one of a sample for how many it stands. */
void durations_add(struct durations *d, uint64_t ns, uint16_t weight);
/* What of them is shown. */
struct duration_figures {
	uint64_t n, sum_ns, max_ns, p50_ns, p99_ns;
};

struct duration_figures durations_figures(const struct durations *d);
/* The least duration that at least q (0 to 1) of them do not exceed. */
uint64_t durations_quantile(const struct durations *d, double q);

/* Who waited how long for whom: one cell of the matrix. */
struct blame {
	uint32_t waiter_stack;
	uint32_t holder_stack;
	uint64_t wait_ns;
	uint64_t count;
};

struct lock_usage {
	uint32_t object;
	uint64_t acquisitions;
	uint64_t shared;		     /* of them, as a reader */
	uint64_t contended;		     /* of them, after waiting */
	uint32_t n_threads;		     /* that took it */
	const struct duration_figures *wait; /* NULL: none */
	const struct duration_figures *hold; /* of those that were stamped:
						hold->n */
	const struct blame *blame;	     /* largest first */
	size_t n_blame;
};

struct map_usage {
	uint32_t object;
	uint64_t reads;
	uint64_t writes;
	uint32_t n_threads;
	uint64_t overlaps; /* conflicting pairs seen */
};

/* Calls by kind.  Of those by key some do not tell whether it was there. */
struct map_counts {
	uint64_t lookups, hits, misses; /* reads by key */
	uint64_t walks;			/* reads of all keys; first ones */
	uint64_t steps;			/* of iterators */
	uint64_t puts, added, replaced;
	uint64_t removals, removed; /* calls; elements, as far as told */
};

/* How many elements there were; as known from the calls. */
struct map_size {
	bool is_known; /* at the end of the trace */
	uint64_t now, most;
	const uint64_t *at; /* the end of each span of span_ns; none: few
			       calls */
	size_t n_at;
	uint64_t span_ns;
};

/* A lock held in so many of the calls since a second thread came. */
struct map_guard {
	uint32_t lock;
	uint64_t n, n_shared;
};

/* One of the keys used most; of a count it is certain that it was so many. */
struct map_key {
	uint64_t key; /* its hash */
	uint64_t count;
};

struct map_profile {
	uint32_t object;
	struct map_counts counts;
	struct map_size size;
	uint64_t n_shared;		/* calls since a second thread came */
	const struct map_guard *guards; /* most often held first */
	size_t n_guards;
	uint64_t n_keyed;	    /* calls with a key that is known */
	const struct map_key *keys; /* used most often first */
	size_t n_keys;
};

enum { REPLAYED_LOCKS = 4, SHOWN_EDGES = 12 };

/* What would have become of the run, had a lock been another. */
struct replayed_lock {
	uint32_t object;
	bool is_known[N_WHATIFS]; /* the others cannot be told */
	/* Parts of 1, at best, as nothing else changes and processors are to
	   spare: how much sooner the run ends, and how much less time all
	   threads need together. */
	double sooner[N_WHATIFS], less[N_WHATIFS];
	/* On the critical path, which is what the run's end waited for, and
	   what that waited for, and so on: in its sections, and from one
	   hold's end to the next one's begin. */
	uint64_t inside_ns, handed_ns;
};

/* So long threads like one waited for threads like another; in a knot, see
   waiting.h. */
struct waiting_edge {
	uint32_t thread, for_thread;
	uint32_t n_threads, n_for_threads; /* like it, it included */
	uint64_t wait_ns;
	bool in_knot, for_knot;
};

struct replay_usage {
	uint64_t measured_ns, replayed_ns; /* with nothing changed */
	struct replayed_lock locks[REPLAYED_LOCKS];
	size_t n_locks;
	struct waiting_edge edges[SHOWN_EDGES]; /* largest first */
	size_t n_edges;
	uint64_t waited_ns;	    /* by all edges, those left out too */
	const char *const *remarks; /* what cannot be told and why; in the
				       arena of the run or literal */
	size_t n_remarks;
};

struct report;

/*
 * Each copies what it is given, also what that points to, except literals and
 * text, which must live as long as the report's arena.  The order of
 * additions does not show.
 */
void report_add_finding(struct report *out, const struct finding *f);
void report_add_lock(struct report *out, const struct lock_usage *usage);
void report_add_map(struct report *out, const struct map_usage *usage);
void report_add_map_profile(struct report *out,
			    const struct map_profile *profile);
/* Places beside info->n_gaps where the order of events was given up. */
void report_add_gaps(struct report *out, uint64_t n);
/* Once for a trace. */
void report_add_replay(struct report *out, const struct replay_usage *usage);

#endif
