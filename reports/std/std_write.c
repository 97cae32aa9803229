/* SPDX-License-Identifier: MIT */
/*
 * See std_write.h.  The trace is read twice: who reads a rwlock, and which
 * releases failed, has to be known before the first line.
 */
#include "std/std_write.h"

#include <inttypes.h>
#include <stdlib.h>

#include "store.h"
#include "trace/trace.h"
#include "world/world.h"

struct reader {
	uint32_t thread, lock; /* the lock that is its own */
	uint32_t next;	       /* of the same rwlock; 0: no more */
};

struct writer {
	const struct trace_info *info;
	struct world world;
	FILE *out;
	struct reader *readers; /* from 1 */
	size_t n_readers, room;
	struct table *first;	/* rwlock -> the first of its readers */
	struct table *own;	/* (rwlock, thread) -> reader */
	struct table *failed;	/* (thread, index) of releases */
	uint64_t *last_release; /* [thread] index */
};

static void add_reader(struct writer *w, uint32_t object, uint32_t thread)
{
	uint64_t *own = table_at(w->own, object, thread);
	uint64_t *first = table_at(w->first, object, 0);

	if (*own)
		return;
	w->readers = grow(w->readers, &w->room, w->n_readers + 1,
			  sizeof(*w->readers));
	w->readers[++w->n_readers] = (struct reader){
		.thread = thread,
		.lock = (uint32_t)(w->info->n_objects + w->n_readers),
		.next = (uint32_t)*first,
	};
	*own = w->n_readers;
	*first = w->n_readers;
}

static void look_ahead(struct writer *w, const struct event *ev)
{
	switch (ev->op) {
	case CMSHIM_OP_ACQUIRE_SHARED:
	case CMSHIM_OP_REQUEST_SHARED:
	case CMSHIM_OP_RELEASE_SHARED:
		add_reader(w, ev->object, ev->thread);
		break;
	case CMSHIM_OP_HELD:
		if (ev->arg == 1)
			add_reader(w, ev->object, ev->thread);
		break;
	case CMSHIM_OP_RELEASE_FAILED:
		*table_at(w->failed, ev->thread, w->last_release[ev->thread]) =
			1;
		break;
	default:
		break;
	}
	if (ev->op == CMSHIM_OP_RELEASE || ev->op == CMSHIM_OP_RELEASE_SHARED)
		w->last_release[ev->thread] = ev->index;
}

static void put(const struct writer *w, const struct event *ev,
		const char *what, char kind, uint32_t number)
{
	fprintf(w->out, "T%" PRIu32 "|%s(%c%" PRIu32 ")|%" PRIu32 "\n",
		w->info->threads[ev->thread].number, what, kind, number,
		ev->stack);
}

/* For a reader its own lock; for a writer all readers', or the only one. */
static void put_lock(struct writer *w, const struct event *ev, bool shared,
		     const char *what)
{
	uint64_t i = shared ? *table_at(w->own, ev->object, ev->thread)
			    : *table_at(w->first, ev->object, 0);

	if (i == 0)
		put(w, ev, what, 'L', ev->object);
	for (; i; i = shared ? 0 : w->readers[i].next)
		put(w, ev, what, 'L', w->readers[i].lock);
}

/*
 * All requests of a writer come before its acquires: it waits for the rwlock,
 * not for one reader while it keeps out another.
 */
static void put_acquire(struct writer *w, const struct event *ev)
{
	bool has_asked = w->world.threads[ev->thread].waits_for == ev->object;

	if (!has_asked && !(ev->flags & CMSHIM_TRY))
		put_lock(w, ev, ev->shared, "req");
	put_lock(w, ev, ev->shared, "acq");
}

/* Locks held since before the trace: they were taken without our seeing it. */
static void put_held(struct writer *w, const struct event *ev)
{
	if (!world_holds(&w->world, ev->thread, ev->object))
		put_lock(w, ev, ev->arg == 1, "acq");
}

static void put_release(struct writer *w, const struct event *ev)
{
	if (!table_find(w->failed, ev->thread, ev->index))
		put_lock(w, ev, ev->shared, "rel");
}

static void put_access(const struct writer *w, const struct event *ev,
		       bool is_write)
{
	uint32_t family = w->info->objects[ev->object].family;

	if (ev->object &&
	    w->info->families[family].discipline != CMSHIM_SELF_LOCKED)
		put(w, ev, is_write ? "w" : "r", 'V', ev->object);
}

/* See the header; both under the object's own lock. */
static void put_order(const struct writer *w, const struct event *ev,
		      bool gives)
{
	put(w, ev, "acq", 'L', ev->object);
	put(w, ev, "r", 'V', ev->object);
	if (gives)
		put(w, ev, "w", 'V', ev->object);
	put(w, ev, "rel", 'L', ev->object);
}

/* Semaphores are waited for as well. */
static bool is_lock(const struct writer *w, const struct event *ev)
{
	uint32_t class = w->info->objects[ev->object].class;

	return class == CMSHIM_MUTEX || class == CMSHIM_RWLOCK ||
	       class == CMSHIM_SPINLOCK;
}

static void put_thread(const struct writer *w, const struct event *ev,
		       const char *what)
{
	if (ev->other)
		put(w, ev, what, 'T', w->info->threads[ev->other].number);
}

static void put_lock_event(struct writer *w, const struct event *ev)
{
	switch (ev->op) {
	case CMSHIM_OP_ACQUIRE:
	case CMSHIM_OP_ACQUIRE_SHARED:
		put_acquire(w, ev);
		break;
	case CMSHIM_OP_REQUEST:
	case CMSHIM_OP_REQUEST_SHARED:
		if (is_lock(w, ev))
			put_lock(w, ev, ev->shared, "req");
		break;
	case CMSHIM_OP_RELEASE:
	case CMSHIM_OP_RELEASE_SHARED:
		put_release(w, ev);
		break;
	case CMSHIM_OP_HELD:
		put_held(w, ev);
		break;
	default:
		break;
	}
}

static void put_order_event(struct writer *w, const struct event *ev)
{
	switch (ev->op) {
	case CMSHIM_OP_SIGNAL:
	case CMSHIM_OP_BROADCAST:
		if (w->world.threads[ev->thread].n_held > 0)
			break;
		put_order(w, ev, true);
		break;
	case CMSHIM_OP_POST:
	case CMSHIM_OP_ARRIVE:
	case CMSHIM_OP_ONCE_RAN:
	case CMSHIM_OP_HAPPENS_BEFORE:
		put_order(w, ev, true);
		break;
	case CMSHIM_OP_WAKE:
		if (ev->code == 0)
			put_order(w, ev, false);
		break;
	case CMSHIM_OP_TAKE:
	case CMSHIM_OP_DEPART:
	case CMSHIM_OP_ONCE_RETURN:
	case CMSHIM_OP_HAPPENS_AFTER:
		put_order(w, ev, false);
		break;
	case CMSHIM_OP_CREATE:
		put_thread(w, ev, "fork");
		break;
	case CMSHIM_OP_JOIN:
		put_thread(w, ev, "join");
		break;
	default:
		break;
	}
}

static void put_map_event(struct writer *w, const struct event *ev)
{
	switch (ev->op) {
	case CMSHIM_OP_MAP_READ:
	case CMSHIM_OP_MAP_NEXT:
		put_access(w, ev, false);
		break;
	case CMSHIM_OP_MAP_WRITE:
	case CMSHIM_OP_MAP_FREE:
		put_access(w, ev, true);
		break;
	case CMSHIM_OP_MAP_ENTER:
		put_access(w, ev, ev->flags & CMSHIM_WRITE);
		break;
	default:
		break;
	}
}

static void put_event(struct writer *w, const struct event *ev)
{
	put_lock_event(w, ev);
	put_order_event(w, ev);
	put_map_event(w, ev);
}

static int read_ahead(struct writer *w, const char *path, const char **why)
{
	struct trace *trace;
	struct event ev;
	int result = trace_open(&trace, path, why);

	if (result < 0)
		return result;
	w->info = trace_info(trace);
	w->last_release = zeroed(w->info->n_threads, sizeof(*w->last_release));
	while (trace_next(trace, &ev) > 0)
		look_ahead(w, &ev);
	store_free(w->last_release);
	trace_close(trace);
	return 0;
}

static int write_all(struct writer *w, const char *path,
		     struct std_written *written, const char **why)
{
	struct trace *trace;
	struct event ev;
	int result = trace_open(&trace, path, why);

	if (result < 0)
		return result;
	w->info = trace_info(trace);
	world_init(&w->world, w->info, false);
	while (trace_next(trace, &ev) > 0) {
		if (ev.thread)
			put_event(w, &ev);
		world_apply(&w->world, &ev);
	}
	world_release(&w->world);
	*written = (struct std_written){
		.n_missing = w->info->n_lost + w->info->n_gaps,
		.truncated = w->info->truncated,
		.damaged = w->info->damaged,
	};
	trace_close(trace);
	return 0;
}

int std_write(const char *path, FILE *out, struct std_written *written,
	      const char **why)
{
	struct writer w = {
		.out = out,
		.first = table_new(),
		.own = table_new(),
		.failed = table_new(),
	};
	int result = read_ahead(&w, path, why);

	if (result == 0)
		result = write_all(&w, path, written, why);
	table_free(w.first);
	table_free(w.own);
	table_free(w.failed);
	store_free(w.readers);
	return result;
}
