/* SPDX-License-Identifier: MIT */
/* See std_holds.h. */
#include "std/std_holds.h"

#include "store.h"

struct lock {
	uint32_t owner;
	uint64_t depth; /* 0: nobody's */
};

struct pass {
	struct std_holds *holds;
	struct lock *locks;
	uint32_t *held;	      /* [thread] the set */
	struct table *depths; /* (thread, lock) -> how often it is taken */
	struct table *taken;  /* (thread, lock) -> event of the outermost */
};

static void check_owner(struct pass *pass, const struct std_event *ev)
{
	struct lock *lock = &pass->locks[ev->object];
	bool is_others = lock->depth == 0 || lock->owner != ev->thread;

	if (ev->op == STD_ACQUIRE) {
		if (lock->depth > 0 && is_others)
			pass->holds->violations++;
		lock->owner = ev->thread;
		lock->depth++;
	} else if (is_others) {
		pass->holds->violations++;
	} else {
		lock->depth--;
	}
}

static void acquire(struct pass *pass, const struct std_event *ev, size_t i)
{
	struct std_holds *holds = pass->holds;
	uint64_t *depth = table_at(pass->depths, ev->thread, ev->object);
	uint32_t *held = &pass->held[ev->thread];

	if ((*depth)++ > 0)
		return;
	holds->set[i] = *held;
	*held = heldsets_add(&holds->sets, *held, ev->object);
	*table_at(pass->taken, ev->thread, ev->object) = i;
	holds->until[i] = UINT32_MAX;
}

static void release(struct pass *pass, const struct std_event *ev, size_t i)
{
	struct std_holds *holds = pass->holds;
	uint64_t *depth = table_at(pass->depths, ev->thread, ev->object);
	uint32_t *held = &pass->held[ev->thread];

	if (*depth == 0 || --*depth > 0)
		return;
	holds->set[i] = *held;
	*held = heldsets_remove(&holds->sets, *held, ev->object);
	holds->until[*table_at(pass->taken, ev->thread, ev->object)] =
		holds->pos[i];
}

static void apply(struct pass *pass, const struct std_event *ev, size_t i)
{
	struct std_holds *holds = pass->holds;

	holds->pos[i] = ++holds->length[ev->thread];
	holds->set[i] = STD_NOTHING;
	switch (ev->op) {
	case STD_ACQUIRE:
		check_owner(pass, ev);
		acquire(pass, ev, i);
		break;
	case STD_RELEASE:
		check_owner(pass, ev);
		release(pass, ev, i);
		break;
	case STD_REQUEST:
		holds->has_requests = true;
		if (*table_at(pass->depths, ev->thread, ev->object) == 0)
			holds->set[i] = pass->held[ev->thread];
		break;
	default:
		holds->set[i] = pass->held[ev->thread];
	}
}

void std_holds_init(struct std_holds *holds, const struct std_trace *trace)
{
	struct arena *mem = arena_new();
	size_t n = trace->n_events;
	struct pass pass = {
		.holds = holds,
		.locks = arena_alloc(mem, trace->n_locks * sizeof(*pass.locks)),
		.held = arena_alloc(mem, trace->n_threads * sizeof(*pass.held)),
		.depths = table_new(),
		.taken = table_new(),
	};

	*holds = (struct std_holds){
		.pos = arena_alloc(mem, n * sizeof(*holds->pos)),
		.set = arena_alloc(mem, n * sizeof(*holds->set)),
		.until = arena_alloc(mem, n * sizeof(*holds->until)),
		.length = arena_alloc(mem, trace->n_threads *
						   sizeof(*holds->length)),
		.mem = mem,
	};
	heldsets_init(&holds->sets);
	for (size_t i = 0; i < trace->n_events; i++)
		apply(&pass, &trace->events[i], i);
	table_free(pass.depths);
	table_free(pass.taken);
}

void std_holds_release(struct std_holds *holds)
{
	heldsets_release(&holds->sets);
	arena_free(holds->mem);
}
