/* SPDX-License-Identifier: MIT */
/* What the rules about locks that end or begin anew mean. */
#include "locks/lifetime_rules.h"

const struct rule lifetime_rules[N_LIFETIME_RULES + 1] = {
	[LIFETIME_DESTROYED] = {
		.id = "lock-destroy-held",
		.title = "A lock was destroyed while it was in use",
		.help = "The lock was held by a thread, waited for, or will be "
			"taken again by a thread in a condition wait. POSIX "
			"leaves the result undefined: the memory is given to "
			"something else, and the release or the wake-up "
			"changes that. glibc refuses for some kinds (EBUSY): "
			"then it is a warning. What it can miss: locks "
			"of which events were lost, or that were never "
			"destroyed by a call. What it can get wrong: a lock "
			"that is released by other means than a recorded "
			"call, unless libc's own account of it is asked (mutex "
			"and rwlock). What to do: make sure that nobody can "
			"reach the lock any more before it is destroyed: join "
			"the threads, or remove the object from where they "
			"find it and wait for the last to leave.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	[LIFETIME_FREED] = {
		.id = "lock-free-held",
		.title = "The memory of a lock was freed while it was in use",
		.help = "The lock was held by a thread, waited for, or will be "
			"taken again by a thread in a condition wait, and the "
			"memory that it is in was given back. Who releases or "
			"gets it writes to what may be another object by then. "
			"It is a warning if only the thread that frees holds "
			"it: then nobody touches it any more, unless it came "
			"to wait a moment later. What it can miss: memory "
			"that is reused without going through store_free(). What it "
			"can get wrong: a lock that is released by other means "
			"than a recorded call. What to do: release it, and let "
			"the last user free it.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	[LIFETIME_INITIALISED] = {
		.id = "lock-init-live",
		.title = "A lock was initialised while it lived",
		.help = "The lock was held, or waited for, and an init call "
			"made it new: the holder has it no more, its release "
			"gives up somebody else's hold, and who waits may "
			"wait for ever. It is a warning where the memory may "
			"have become another lock's without a call that says "
			"so. It is a note if nobody held the lock, a variable "
			"of the program that had been used and not destroyed: "
			"POSIX leaves the result undefined, and a moment "
			"later somebody may hold it. What it can miss: static "
			"initialisers that are assigned again, locks of which "
			"events were lost, and free ones in a forked child. "
			"What it can get wrong: a lock that is released by "
			"other means than a recorded call. What to do: "
			"initialise once, before any thread can see it.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	{ .id = NULL },
};
