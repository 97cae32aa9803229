/* SPDX-License-Identifier: MIT */
#include "world/unseen.h"

#include <string.h>

/*
 * To add a library, add a row.
 *
 * Columns
 *   soname  the beginning of the file's name
 *   what    what orders threads in it and calls nothing that is wrapped
 *
 * Not here: that any program may order its threads by atomic operations of its
 * own, which every report says.
 */
#define LIBRARIES(X)                                                           \
	X("libglib-2.0.so",                                                    \
	  "reference counts, what g_once_init_enter() finds done, locks that " \
	  "GLib takes inside itself")                                          \
	X("libQt5Core.so",                                                     \
	  "QMutex, QSemaphore, QThread, signals that are queued")              \
	X("libQt6Core.so",                                                     \
	  "QMutex, QSemaphore, QThread, signals that are queued")              \
	X("libgomp.so", "where parallel regions begin, meet and end")          \
	X("libomp.so", "where parallel regions begin, meet and end")           \
	X("libomp5.so", "where parallel regions begin, meet and end")          \
	X("libtbb.so", "its locks, queues and tasks")                          \
	X("libtbb12.so", "its locks, queues and tasks")                        \
	X("libabsl_synchronization.so", "Mutex and CondVar")                   \
	X("liburcu", "grace periods")                                          \
	X("libdispatch.so", "its queues")                                      \
	X("libjvm.so", "Java's monitors")

static const struct row {
	const char *soname;
	const char *sentence;
} rows[] = {
#define X(soname, what)                                                      \
	{ soname, soname " is loaded: threads may be ordered by means that " \
			 "are not recorded (" what ")" },
	LIBRARIES(X)
#undef X
};

static bool is_library(const char *path, const char *soname)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return path &&
	       strncmp(slash ? slash + 1 : path, soname, strlen(soname)) == 0;
}

const char *unseen_order(const struct trace_info *info)
{
	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++)
		for (size_t m = 1; m < info->n_modules; m++)
			if (is_library(info->modules[m].path, rows[r].soname))
				return rows[r].sentence;
	return NULL;
}

bool unseen_is_shared(const struct world *world)
{
	const struct trace_info *info = world->info;

	for (size_t i = 1; i < info->n_objects; i++)
		if (info->objects[i].kind & CMSHIM_PROCESS_SHARED &&
		    world->objects[i].was_held)
			return true;
	return false;
}

const char *unseen_doubt(const struct world *world, bool has_futexes)
{
	const struct trace_info *info = world->info;
	const char *unseen = unseen_order(info);
	const uint64_t *lost = info->header->lost;

	if (unseen)
		return unseen;
	if (info->n_lost || lost[CMSHIM_LOST_EVENTS] ||
	    lost[CMSHIM_LOST_OBJECTS] || lost[CMSHIM_LOST_NESTED])
		return "events are missing in this trace";
	if (has_futexes)
		return "the program orders threads by futexes, of which most "
		       "of the time nothing is to be seen";
	if (unseen_is_shared(world))
		return "the program shares locks with other processes, by way "
		       "of which threads may be ordered unseen";
	return NULL;
}
