/* SPDX-License-Identifier: MIT */
/* See closure_std.h. */
#include "std/closure_std.h"

#include "store.h"

/* Where a variable was written last. */
struct written {
	uint32_t thread, pos; /* pos 0: nowhere */
};

/* Of so many forks of a thread that does nothing joins know: a file may have a
   million of both. */
enum { MAX_PENDING = 64 };

/* A fork of a thread, after so many of that thread's events. */
struct forked {
	uint32_t thread, pos, after;
	const struct forked *before;
};

struct builder {
	struct arena *mem;
	struct closure *closure;
	const struct std_holds *holds;
	struct written *vars;
	uint32_t *done;		     /* [thread] events so far */
	const struct forked **forks; /* [thread] of it, the last one */
};

/* What the new thread does next cannot be before this. */
static void add_fork(struct builder *b, const struct std_event *ev,
		     uint32_t pos)
{
	struct forked *f = arena_alloc(b->mem, sizeof(*f));

	*f = (struct forked){
		.thread = ev->thread,
		.pos = pos,
		.after = b->done[ev->object],
		.before = b->forks[ev->object],
	};
	b->forks[ev->object] = f;
	closure_add_start(b->closure, ev->object, f->after + 1, ev->thread,
			  pos);
}

/* After all that the thread has done, and after its forks, as it may have done
   nothing since. */
static void add_join(struct builder *b, const struct std_event *ev,
		     uint32_t pos)
{
	uint32_t done = b->done[ev->object];
	int n = 0;

	closure_add_after(b->closure, ev->thread, pos, ev->object, done);
	for (const struct forked *f = b->forks[ev->object];
	     f && f->after == done && n < MAX_PENDING; f = f->before, n++)
		closure_add_after(b->closure, ev->thread, pos, f->thread,
				  f->pos);
}

static void add_event(struct builder *b, const struct std_event *ev, size_t i)
{
	uint32_t pos = ++b->done[ev->thread];

	switch (ev->op) {
	case STD_READ:
		closure_add_read(b->closure, ev->thread, pos,
				 b->vars[ev->object].thread,
				 b->vars[ev->object].pos);
		break;
	case STD_WRITE:
		b->vars[ev->object] = (struct written){ ev->thread, pos };
		break;
	case STD_ACQUIRE:
		if (b->holds->set[i] != STD_NOTHING)
			closure_add_acquire(b->closure, ev->thread, pos,
					    &(struct acquired){
						    .lock = ev->object,
						    .event = (uint32_t)i,
						    .until = b->holds->until[i],
					    });
		break;
	case STD_JOIN:
		add_join(b, ev, pos);
		break;
	case STD_FORK:
		add_fork(b, ev, pos);
		break;
	}
}

struct closure *closure_of_std(const struct std_trace *trace,
			       const struct std_holds *holds)
{
	struct arena *mem = arena_new();
	struct builder b = {
		.mem = mem,
		.closure = closure_new(),
		.holds = holds,
		.vars = arena_alloc(mem, trace->n_vars * sizeof(*b.vars)),
		.done = arena_alloc(mem, trace->n_threads * sizeof(*b.done)),
		.forks = arena_alloc(mem, trace->n_threads * sizeof(*b.forks)),
	};

	for (uint32_t i = 0; i < trace->n_threads; i++)
		closure_add_thread(b.closure, i);
	for (size_t i = 0; i < trace->n_events; i++)
		add_event(&b, &trace->events[i], i);
	arena_free(mem);
	return b.closure;
}
