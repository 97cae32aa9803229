/* SPDX-License-Identifier: MIT */
/* What the rules about unordered and unguarded maps mean. */
#include "maps/races.h"

#define CAN_MISS                                                               \
	"What it can miss: calls that were ordered by chance in this run, as " \
	"by a lock that has nothing to do with the map; accesses that are "    \
	"not calls, such as inlined lookups. "
#define CAN_GET_WRONG                                                        \
	"What it can get wrong: threads that are kept apart by means that "  \
	"are not recorded, such as atomic operations, locks made of them, "  \
	"or memory shared with another process. It is a note where such "    \
	"means are known to be in use, where events are missing, and where " \
	"a thread comes from nobody knows where. "

const struct rule race_rules[N_RACE_RULES + 1] = {
	[RACE_UNORDERED] = {
		.id = "map-race-hb",
		.title = "Nothing recorded orders two calls on a map",
		.mistake = "map-race",
		.help = "Two threads called functions on one map, at least "
			"one of them a write, and no synchronisation that was "
			"recorded makes one of the calls come before the "
			"other: no lock, condition, semaphore, barrier, once, "
			"create, join or queue. They did not meet in this "
			"run; with other timing they can. The tier is "
			"predicted. The two calls shown are the first of the "
			"map, which other timing really can make meet; later "
			"ones, which are counted, may depend on them. It is a "
			"note if, since the first call, a promise was set or "
			"a variable initialised by a thread that knew of it: "
			"who finds that done is ordered and makes no call. "
			"What ordered the two threads last, before these "
			"calls, is told if it was between these two and not "
			"long ago. "
			CAN_MISS CAN_GET_WRONG
			"What to do: hold one lock, exclusively for writes, "
			"around every call on the map.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	[RACE_NO_COMMON_LOCK] = {
		.id = "map-race-discipline",
		.title = "No lock is held at all calls on a shared map",
		.mistake = "map-race",
		.help = "Several threads use the map, at least one writes, "
			"and there is no lock that all hold (for writes: "
			"exclusively). Each call came after those before it "
			"all the same, so nothing can be said to go wrong in "
			"this run; but what ordered them was a lock that some "
			"do not take for the map, or the signal of a "
			"condition variable. The tier is discipline. Calls "
			"before the map was shared do not count, nor does "
			"handing it over, once by way of a lock, and any "
			"number of times by create, join, barriers, "
			"semaphores or queues. It is a note where no lock is "
			"held at half of the calls, as the threads may well "
			"hand the map to each other under a lock that "
			"guards something else. " CAN_MISS CAN_GET_WRONG
			"What to do: decide which lock guards the map and "
			"take it around every call.",
		.level = LEVEL_WARNING,
		.unit = "count",
	},
	[RACE_SHARED_LOCK] = {
		.id = "map-write-under-rdlock",
		.title = "A map is written under a lock held as a reader",
		.mistake = "map-race",
		.help = "A call that writes the map was made with a "
			"read-write lock held as a reader, while other "
			"threads use the map under the same lock: all of "
			"them can be inside at once. It is an error if "
			"nothing recorded orders the calls (tier predicted), "
			"else a warning (tier discipline). " CAN_MISS
			CAN_GET_WRONG
			"What to do: take the lock exclusively around writes.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	[RACE_BY_KEY] = {
		.id = "map-striped-unsafe",
		.title = "Locks by key guard a map that is not made for it",
		.mistake = "map-race",
		.help = "Every key of the map is used under a lock, but "
			"different keys under different locks. Calls on "
			"different keys then run at once, and a map that is "
			"not made for it is corrupted all the same: it "
			"resizes, rebalances and counts for all keys. It is "
			"an error if nothing recorded orders two such calls "
			"(tier predicted), else a warning (tier discipline). "
			CAN_MISS CAN_GET_WRONG
			"What to do: use one lock for the map, or a map for "
			"each lock.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	[RACE_TWO_LOCKS] = {
		.id = "guard-mixed",
		.title = "Two locks guard one map",
		.mistake = "map-race",
		.help = "Most calls on the map hold one lock, some hold "
			"another instead, and the two do not keep each other "
			"out. The calls were ordered otherwise in this run. "
			"The tier is discipline. " CAN_MISS CAN_GET_WRONG
			"What to do: decide which lock guards the map and "
			"take it around every call.",
		.level = LEVEL_WARNING,
		.unit = "count",
	},
	[RACE_REORDERED] = {
		.id = "map-race-sp",
		.title = "Two calls on a map come together in another order",
		.help = "The two calls were ordered in this run, but only by "
			"locks that are not held at both. There is an order of "
			"the events of this very run in which they come "
			"together: it keeps all synchronisation that was "
			"recorded, and the order of sections on each lock; "
			"what lookups found may change. It is a candidate, "
			"not a verdict, hence a note: what was not recorded, "
			"such as a plain variable or where the map was handed "
			"over under a lock, may order them after all. The "
			"tier is predicted. What it can miss: whatever needs "
			"sections on one lock in another order; in long "
			"traces what lies far apart; maps of which calls that "
			"nothing orders are reported anyway, and of those that "
			"are handed over only once. What to do: stop "
			"one thread where the plan says; if the other comes "
			"to its call meanwhile, hold one lock at both.",
		.level = LEVEL_NOTE,
		.unit = "count",
	},
	[RACE_IN_CALLBACK] = {
		.id = "callback-write",
		.title = "A callback writes a map that others lock",
		.mistake = "map-race",
		.help = "A map is used by several threads, nearly always "
			"with one lock held, but a function that something "
			"else than the program called wrote it without: a "
			"signal handler, a timer (SIGEV_THREAD), a source of a "
			"GLib main loop. A handler may come while its thread "
			"is inside the map, and cannot take the lock either, "
			"as that thread may have it: the tier is discipline. "
			"Of a timer or a source it is what map-race-hb or "
			"map-race-discipline say, with their tier: it runs in "
			"a thread of its own, or in that of the loop; and to "
			"delete a timer does not wait for its function. "
			CAN_MISS "What it can get wrong: a signal may be "
			"blocked wherever the map is used; and the rest is "
			"as for the rules named. What to do: set a flag in a "
			"handler, and do the work outside; take the lock in "
			"other callbacks.",
		.level = LEVEL_WARNING,
		.unit = "count",
	},
	{ .id = NULL },
};
