/* SPDX-License-Identifier: MIT */
/*
 * Which synchronisation tells whom.  What only the last one tells (a mutex:
 * each release follows all before) is replaced; what all have told (readers,
 * semaphores, barriers, channels) adds up.
 */
#include "order.h"

#include <stdlib.h>

#include "fetch.h"
#include "signals.h"
#include "store.h"
#include "world.h"

static const struct epoch nobody;

/* What an object passes on.  In the order in which a mutex needs it. */
struct relay {
	struct epoch teller;	/* of `last`, if that is of one */
	struct knowledge last;	/* told by the last release */
	struct knowledge added; /* told by all */
	uint32_t generation;	/* of a barrier: those before have passed */
	uint32_t signals;	/* index, of a condition; 0: none yet */
};

struct order {
	const struct trace_info *info;
	struct timelines lines;
	uint32_t *relay_of; /* object to index; 0: none yet */
	struct relay *relays;
	size_t n_relays, room_relays;
	struct signals *signals;
	size_t n_signals, room_signals;
	uint32_t *callers; /* threads whose call to signal may last yet */
	size_t n_callers, room_callers;
	uint32_t era;
	bool has_futexes;
};

struct order *order_new(const struct trace_info *info)
{
	struct order *order = zeroed(1, sizeof(*order));

	order->info = info;
	timelines_init(&order->lines, info->n_threads);
	order->relay_of = zeroed(info->n_objects, sizeof(*order->relay_of));
	order->relays =
		grow(NULL, &order->room_relays, 0, sizeof(*order->relays));
	order->n_relays = 1;
	order->n_signals = 1;
	return order;
}

void order_free(struct order *order)
{
	if (!order)
		return;
	for (size_t i = 1; i < order->n_signals; i++)
		signals_release(order->lines.pool, &order->signals[i]);
	timelines_release(&order->lines);
	free(order->signals);
	free(order->callers);
	free(order->relays);
	free(order->relay_of);
	free(order);
}

void order_soon(const struct order *order, const struct event *ev)
{
	fetch(&order->relays[order->relay_of[ev->object]],
	      sizeof(*order->relays));
}

static struct relay *relay_at(struct order *order, uint32_t object)
{
	uint32_t *index = &order->relay_of[object];

	if (!*index) {
		order->relays = grow(order->relays, &order->room_relays,
				     order->n_relays, sizeof(*order->relays));
		order->relays[order->n_relays] =
			(struct relay){ .generation = 1 };
		*index = (uint32_t)order->n_relays++;
	}
	return &order->relays[*index];
}

static struct signals *signals_at(struct order *order, uint32_t object)
{
	struct relay *r = relay_at(order, object);

	if (!r->signals) {
		order->signals =
			grow(order->signals, &order->room_signals,
			     order->n_signals, sizeof(*order->signals));
		r->signals = (uint32_t)order->n_signals++;
	}
	return &order->signals[r->signals];
}

/*
 * All that the other did.  If it told nobody before, its slot may have been
 * taken: to know a higher count of that is not to know this.
 */
static void learn_of(struct order *order, struct timeline *t,
		     struct timeline *other)
{
	static const struct knowledge nothing;

	timeline_learn(&order->lines, t, &other->known, nobody, NO_ORDER);
	timeline_learn(&order->lines, t, &nothing, epoch_of(other), NO_ORDER);
	other->is_told = true;
}

/* A robust mutex was its owner's until it died, whatever is still to come. */
static void inherit(struct order *order, struct timeline *t, uint32_t owner)
{
	struct timeline *dead;

	if (!owner || &order->lines.all[owner] == t)
		return;
	dead = timeline_at(&order->lines, owner);
	learn_of(order, t, dead);
	dead->is_late = true;
}

static void acquire(struct order *order, const struct event *ev,
		    const struct world *world)
{
	struct timeline *t = timeline_at(&order->lines, ev->thread);
	struct relay *r = relay_at(order, ev->object);

	timeline_learn(&order->lines, t, &r->last, r->teller, ORDER_NO_LOCKS);
	if (ev->flags & CMSHIM_OWNER_DIED)
		inherit(order, t, world->objects[ev->object].owner);
	if (ev->shared || !r->added.in[ORDER_ALL])
		return;
	timeline_learn(&order->lines, t, &r->added, nobody, ORDER_NO_LOCKS);
	knowledge_drop(order->lines.pool, &r->added);
}

/*
 * A release by somebody who is not known to hold the lock may fail: then what
 * was told before must still be there.
 */
static void release(struct order *order, const struct event *ev,
		    const struct world *world)
{
	struct timeline *t = timeline_at(&order->lines, ev->thread);
	struct relay *r = relay_at(order, ev->object);
	const struct held *held = world_holds(world, ev->thread, ev->object);

	if (!held) {
		knowledge_learn(order->lines.pool, &r->last, &r->last,
				r->teller);
		timeline_add(&order->lines, t, &r->last, ORDER_NO_LOCKS);
		r->teller = (struct epoch){ .slot = 0 };
	} else if (held->shared) {
		timeline_add(&order->lines, t, &r->added, ORDER_NO_LOCKS);
	} else {
		timeline_tell(&order->lines, t, &r->last, ORDER_NO_LOCKS);
		r->teller = epoch_of(t);
	}
}

static void post(struct order *order, const struct event *ev)
{
	timeline_add(&order->lines, timeline_at(&order->lines, ev->thread),
		     &relay_at(order, ev->object)->added, NO_ORDER);
}

static void take(struct order *order, const struct event *ev)
{
	timeline_learn(&order->lines, timeline_at(&order->lines, ev->thread),
		       &relay_at(order, ev->object)->added, nobody, NO_ORDER);
}

/*
 * Arrivals are recorded before the call and departures after it: at the first
 * departure all that made it possible have arrived.  What earlier generations
 * told stays: the same threads know it anyway, others may have slipped in.
 */
static void arrive(struct order *order, const struct event *ev)
{
	post(order, ev);
	order->lines.all[ev->thread].generation =
		relay_at(order, ev->object)->generation;
}

static void depart(struct order *order, const struct event *ev)
{
	struct timeline *t = timeline_at(&order->lines, ev->thread);
	struct relay *r = relay_at(order, ev->object);

	if (t->generation == r->generation) {
		r->generation++;
		knowledge_keep(order->lines.pool, &r->last, &r->added);
	}
	/* When it arrived may be missing. */
	timeline_learn(&order->lines, t, t->generation ? &r->last : &r->added,
		       nobody, NO_ORDER);
	t->generation = 0;
}

static bool is_futex(struct order *order, const struct event *ev)
{
	bool is = order->info->objects[ev->object].class == CMSHIM_FUTEX;

	order->has_futexes |= is;
	return is;
}

static void wait(struct order *order, const struct event *ev)
{
	struct timeline *t = timeline_at(&order->lines, ev->thread);

	if (!is_futex(order, ev))
		t->wait = signals_wait(order->lines.pool,
				       signals_at(order, ev->object));
}

/*
 * A signal that entered before the WAIT may still have woken it: until the
 * thread is known to have gone on, its call may last.
 */
static void begin_call(struct order *order, const struct event *ev)
{
	struct timeline *t = timeline_at(&order->lines, ev->thread);

	/* Who sleeps on a futex has seen its word, as every waker has. */
	if (is_futex(order, ev)) {
		post(order, ev);
		return;
	}
	signals_tell(order->lines.pool, signals_at(order, ev->object),
		     &t->known, epoch_of(t));
	t->is_told = true;
	t->signalling = ev->object;
	t->signalled = epoch_of(t);
	order->callers = grow(order->callers, &order->room_callers,
			      order->n_callers, sizeof(*order->callers));
	order->callers[order->n_callers++] = ev->thread;
}

static void end_call(struct order *order, uint32_t thread)
{
	size_t i = 0;

	order->lines.all[thread].signalling = 0;
	while (order->callers[i] != thread)
		i++;
	order->callers[i] = order->callers[--order->n_callers];
}

/* Those that began to wait during the call are known by now. */
static void signalled(struct order *order, const struct event *ev)
{
	struct timeline *t = timeline_at(&order->lines, ev->thread);

	if (t->signalling == ev->object)
		signals_tell(order->lines.pool, signals_at(order, ev->object),
			     &t->known, t->signalled);
}

static void fork_order(struct order *order, struct knowledge *known)
{
	vclock_drop(order->lines.pool, &known->in[ORDER_NO_SIGNALS]);
	known->in[ORDER_NO_SIGNALS] = vclock_keep(known->in[ORDER_ALL]);
}

/* From the first signal on the orders with and without them differ. */
static void tell_apart(struct order *order)
{
	struct timelines *lines = &order->lines;

	if (lines->n_sets == N_ORDER_SETS)
		return;
	lines->n_sets = N_ORDER_SETS;
	for (size_t i = 0; i < lines->n; i++) {
		fork_order(order, &lines->all[i].known);
		fork_order(order, &lines->all[i].given);
	}
	for (size_t i = 1; i < order->n_relays; i++) {
		fork_order(order, &order->relays[i].last);
		fork_order(order, &order->relays[i].added);
	}
	for (size_t i = 0; i < lines->n_retired; i++)
		fork_order(order, &lines->retired[i].known);
}

static void wake(struct order *order, const struct event *ev)
{
	struct timeline *t = timeline_at(&order->lines, ev->thread);
	struct signals *s = signals_at(order, ev->object);

	if (is_futex(order, ev)) {
		take(order, ev);
		return;
	}
	/* What it was told until now was kept for nobody. */
	if (!t->wait)
		order->era++;
	for (size_t i = signals_since(s, t->wait); !ev->code && i < s->n; i++) {
		tell_apart(order);
		timeline_learn(&order->lines, t, &s->intervals[i].told, nobody,
			       ORDER_NO_SIGNALS);
	}
	for (size_t i = 0; !ev->code && i < order->n_callers; i++) {
		struct timeline *caller = &order->lines.all[order->callers[i]];

		if (caller->signalling != ev->object)
			continue;
		tell_apart(order);
		timeline_learn(&order->lines, t, &caller->known,
			       caller->signalled, ORDER_NO_SIGNALS);
	}
	signals_woken(order->lines.pool, s, t->wait);
	t->wait = 0;
}

static void create(struct order *order, const struct event *ev)
{
	struct timeline *t = timeline_at(&order->lines, ev->thread);
	struct timeline *child = &order->lines.all[ev->other];

	if (!ev->other)
		return;
	timeline_tell(&order->lines, t, &child->given, NO_ORDER);
	child->giver = epoch_of(t);
}

static void start(struct order *order, const struct event *ev)
{
	struct timeline *t = timeline_at(&order->lines, ev->thread);

	timeline_learn(&order->lines, t, &t->given, t->giver, NO_ORDER);
	t->is_orphan = !t->giver.slot && ev->thread != order->lines.first &&
		       order->info->threads[ev->thread].number != 1;
}

/* The merge has brought all of the other's events by now. */
static void join(struct order *order, const struct event *ev)
{
	struct timeline *t = timeline_at(&order->lines, ev->thread);
	struct timeline *joined;

	if (!ev->other || ev->other == ev->thread)
		return;
	joined = timeline_at(&order->lines, ev->other);
	learn_of(order, t, joined);
}

/* Its number will not come again. */
static void forget(struct order *order, uint32_t object)
{
	struct relay *r = &order->relays[order->relay_of[object]];

	knowledge_drop(order->lines.pool, &r->last);
	knowledge_drop(order->lines.pool, &r->added);
	r->teller = (struct epoch){ .slot = 0 };
}

static void thread_event(struct order *order, const struct event *ev)
{
	switch (ev->op) {
	case CMSHIM_OP_CREATE:
		create(order, ev);
		break;
	case CMSHIM_OP_CREATE_FAILED:
		knowledge_drop(order->lines.pool,
			       &order->lines.all[ev->other].given);
		order->lines.all[ev->other].giver.slot = 0;
		break;
	case CMSHIM_OP_START:
		start(order, ev);
		break;
	case CMSHIM_OP_JOIN:
		join(order, ev);
		break;
	case CMSHIM_OP_DETACH:
		order->lines.all[ev->other].is_detached = true;
		break;
	case EVENT_THREAD_END:
		timeline_end(&order->lines, &order->lines.all[ev->thread]);
		break;
	case EVENT_GAP:
	case CMSHIM_OP_DROP:
		order->era++;
		break;
	}
}

void order_event(struct order *order, const struct event *ev,
		 const struct world *world)
{
	switch (ev->op) {
	case CMSHIM_OP_ACQUIRE:
	case CMSHIM_OP_ACQUIRE_SHARED:
		acquire(order, ev, world);
		break;
	case CMSHIM_OP_RELEASE:
	case CMSHIM_OP_RELEASE_SHARED:
		release(order, ev, world);
		break;
	case CMSHIM_OP_POST:
	case CMSHIM_OP_ONCE_RAN:
	case CMSHIM_OP_HAPPENS_BEFORE:
		post(order, ev);
		break;
	case CMSHIM_OP_TAKE:
	case CMSHIM_OP_ONCE_RETURN:
	case CMSHIM_OP_HAPPENS_AFTER:
		take(order, ev);
		break;
	case CMSHIM_OP_ARRIVE:
		arrive(order, ev);
		break;
	case CMSHIM_OP_DEPART:
		depart(order, ev);
		break;
	case CMSHIM_OP_WAIT:
		wait(order, ev);
		break;
	case CMSHIM_OP_WAKE:
		wake(order, ev);
		break;
	case CMSHIM_OP_SIGNALLED:
		signalled(order, ev);
		break;
	case CMSHIM_OP_DESTROY:
	case CMSHIM_OP_FREED:
		forget(order, ev->object);
		break;
	default:
		thread_event(order, ev);
	}
	if (order->n_callers && order->lines.all[ev->thread].signalling)
		end_call(order, ev->thread);
	if (ev->op == CMSHIM_OP_SIGNAL || ev->op == CMSHIM_OP_BROADCAST)
		begin_call(order, ev);
}

const struct instant *order_now(struct order *order, uint32_t thread)
{
	struct timeline *t = timeline_at(&order->lines, thread);
	struct vclock *const *known = t->known.in;

	timeline_go_on(t);
	t->is_used = true;
	t->now.at = epoch_of(t);
	t->now.era = order->era;
	t->now.news = t->news;
	t->now.known[ORDER_ALL] = known[ORDER_ALL];
	t->now.known[ORDER_NO_LOCKS] = known[ORDER_NO_LOCKS];
	t->now.known[ORDER_NO_SIGNALS] =
		known[order_has_signals(order) ? ORDER_NO_SIGNALS : ORDER_ALL];
	return &t->now;
}

void order_keep(struct instant *instant)
{
	for (size_t i = 0; i < N_ORDER_SETS; i++)
		vclock_keep(instant->known[i]);
}

void order_drop(struct order *order, struct instant *instant)
{
	for (size_t i = 0; i < N_ORDER_SETS; i++)
		vclock_drop(order->lines.pool, &instant->known[i]);
}

uint32_t order_era(const struct order *order)
{
	return order->era;
}

bool order_has_signals(const struct order *order)
{
	return order->lines.n_sets == N_ORDER_SETS;
}

bool order_has_futexes(const struct order *order)
{
	return order->has_futexes;
}

bool order_is_orphan(const struct order *order, uint32_t thread)
{
	return order->lines.all[thread].is_orphan;
}

bool order_is_late(const struct order *order, uint32_t thread)
{
	return order->lines.all[thread].is_late;
}
