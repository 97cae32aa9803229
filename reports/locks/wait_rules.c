/* SPDX-License-Identifier: MIT */
/* What the rules about how waits came about mean. */
#include "locks/wait_rules.h"

const struct rule wait_rules[N_WAIT_RULES + 1] = {
	[WAIT_LONG_HOLD] = {
		.id = "perf-long-hold",
		.title = "A lock is held for long, now and then",
		.help = "One in a hundred holds takes ten times as long as "
			"half of them, or more, and threads waited during "
			"such holds. Shown is the longest during which a "
			"thread waited. What it can get wrong: a thread that "
			"is not scheduled while it holds the lock looks like "
			"a slow one; half the holds are known by sample. What "
			"to do: move what takes long out of the section, "
			"above all input and output.",
		.level = LEVEL_ADVICE,
		.unit = "ns",
		.remedy = WHATIF_HALF,
	},
	[WAIT_CONVOY] = {
		.id = "perf-convoy",
		.title = "A lock goes from one waiting thread to the next",
		.help = "In 16 acquisitions in a row or more each thread had "
			"to wait, others were queued before it, and it took "
			"longer to hand the lock over than it was held, the "
			"hold not counted behind which they came together. "
			"What it can get wrong: with too few processors the "
			"time to run again is that of others. What to do: "
			"take the lock more rarely and do more under it, or "
			"spin before sleeping (PTHREAD_MUTEX_ADAPTIVE_NP). To "
			"do less under it gains little.",
		.level = LEVEL_ADVICE,
		.unit = "ns",
		.remedy = WHATIF_FREE,
	},
	[WAIT_STARVE] = {
		.id = "perf-starve",
		.title = "One thread waited much longer than the others",
		.help = "A wait took 50 ms and 100 times the median, or it "
			"took 10 ms and all threads together took the lock 50 "
			"times each meanwhile. Locks are not fair: a thread "
			"that runs gets the lock before one that has to be "
			"woken. What it can get wrong: on a busy machine the "
			"waiting thread may just not have been scheduled. "
			"What to do: leave the lock alone for longer between "
			"two holds, hand it over by a queue, or let a rwlock "
			"prefer writers.",
		.level = LEVEL_ADVICE,
		.unit = "ns",
	},
	{ .id = NULL },
};
