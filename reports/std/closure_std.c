/* SPDX-License-Identifier: MIT */
/* See closure_std.h. */
#include "std/closure_std.h"

#include "store.h"

/* Where a variable was written last. */
struct written {
	uint32_t thread, pos; /* pos 0: nowhere */
};

struct builder {
	struct closure *closure;
	const struct std_holds *holds;
	struct written *vars;
	uint32_t *done; /* [thread] events so far */
};

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
		closure_add_after(b->closure, ev->thread, pos, ev->object,
				  b->done[ev->object]);
		break;
	case STD_FORK:
		/* What the new thread does next cannot be before this. */
		closure_add_start(b->closure, ev->object,
				  b->done[ev->object] + 1, ev->thread, pos);
		break;
	}
}

struct closure *closure_of_std(const struct std_trace *trace,
			       const struct std_holds *holds)
{
	struct arena *mem = arena_new();
	struct builder b = {
		.closure = closure_new(),
		.holds = holds,
		.vars = arena_alloc(mem, trace->n_vars * sizeof(*b.vars)),
		.done = arena_alloc(mem, trace->n_threads * sizeof(*b.done)),
	};

	for (uint32_t i = 0; i < trace->n_threads; i++)
		closure_add_thread(b.closure, i);
	for (size_t i = 0; i < trace->n_events; i++)
		add_event(&b, &trace->events[i], i);
	arena_free(mem);
	return b.closure;
}
