/* SPDX-License-Identifier: MIT */
/*
 * Which synchronisation tells whom.  What only the last one tells (a mutex:
 * each release follows all before) is replaced; what all have told (readers,
 * semaphores, barriers, channels) adds up.
 */
#include <stdlib.h>

#include "fetch.h"
#include "store.h"
#include "world/order_parts.h"

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
	store_free(order->signals);
	store_free(order->callers);
	store_free(order->relays);
	store_free(order->relay_of);
	store_free(order);
}

void order_soon(const struct order *order, const struct event *ev)
{
	fetch(&order->relays[order->relay_of[ev->object]],
	      sizeof(*order->relays));
}

struct relay *relay_at(struct order *order, uint32_t object)
{
	uint32_t *index = &order->relay_of[object];
	bool is_barrier = order->info->objects[object].class == CMSHIM_BARRIER;

	if (!*index) {
		order->relays = grow(order->relays, &order->room_relays,
				     order->n_relays, sizeof(*order->relays));
		order->relays[order->n_relays] =
			(struct relay){ .generation = is_barrier };
		*index = (uint32_t)order->n_relays++;
	}
	return &order->relays[*index];
}

void order_took(struct order *order, const struct event *ev, uint32_t giver,
		uint32_t given_stack)
{
	struct timeline *t = &order->lines.all[ev->thread];

	if (!giver)
		return;
	if (!t->taken)
		t->taken = zeroed(1, sizeof(*t->taken));
	*takeovers_next(t->taken) = (struct takeover){
		.what = { .object = ev->object,
			  .giver = giver,
			  .taker = ev->thread,
			  .given_stack = given_stack,
			  .taken_stack = ev->stack,
			  .has_time = ev->has_time,
			  .time_ns = ev->time_ns },
		.count = vclock_at(t->known.in[ORDER_ALL],
				   order->lines.all[giver].at.slot),
	};
}

const struct last_order *order_last(const struct order *order, uint32_t giver,
				    uint32_t slot, uint32_t taker,
				    const struct instant *now)
{
	return takeovers_last(order->lines.all[taker].taken, giver,
			      vclock_at(now->known[ORDER_ALL], slot));
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
	timeline_learn(&order->lines, t, &nothing, other->at, NO_ORDER);
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

/* Nobody knows when the owner gave it up: all that it did by now is taken to
   have come before. */
static void give_up(struct order *order, struct relay *r, uint32_t owner,
		    const struct held *held)
{
	struct timeline *t = timeline_at(&order->lines, owner);

	timeline_tell(&order->lines, t, &r->last, ORDER_NO_LOCKS);
	r->teller = t->at;
	r->giver = owner;
	r->given_stack = held ? held->stack : 0;
}

static void acquire(struct order *order, const struct event *ev,
		    const struct world *world)
{
	struct timeline *t = timeline_at(&order->lines, ev->thread);
	struct relay *r = relay_at(order, ev->object);
	uint32_t gave_up = world_gave_up(world, ev);

	if (gave_up && gave_up != ev->thread)
		give_up(order, r, gave_up,
			world_holds(world, gave_up, ev->object));
	timeline_learn(&order->lines, t, &r->last, r->teller, ORDER_NO_LOCKS);
	if (r->giver != ev->thread)
		order_took(order, ev, r->giver, r->given_stack);
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
		r->giver = 0;
	} else if (held->shared) {
		timeline_add(&order->lines, t, &r->added, ORDER_NO_LOCKS);
	} else {
		timeline_tell(&order->lines, t, &r->last, ORDER_NO_LOCKS);
		r->teller = t->at;
		r->giver = ev->thread;
		r->given_stack = held->stack;
	}
}

void order_post(struct order *order, const struct event *ev)
{
	struct relay *r = relay_at(order, ev->object);

	timeline_add(&order->lines, timeline_at(&order->lines, ev->thread),
		     &r->added, NO_ORDER);
	r->giver = ev->thread;
	r->given_stack = ev->stack;
}

void order_take(struct order *order, const struct event *ev)
{
	struct relay *r = relay_at(order, ev->object);

	timeline_learn(&order->lines, timeline_at(&order->lines, ev->thread),
		       &r->added, nobody, NO_ORDER);
	if (r->giver != ev->thread)
		order_took(order, ev, r->giver, r->given_stack);
}

/*
 * Arrivals are recorded before the call and departures after it: at the first
 * departure all that made it possible have arrived.  What earlier generations
 * told stays: the same threads know it anyway, others may have slipped in.
 */
static void arrive(struct order *order, const struct event *ev)
{
	struct relay *r = relay_at(order, ev->object);
	struct timeline *t = timeline_at(&order->lines, ev->thread);

	timeline_add(&order->lines, t, &r->added, NO_ORDER);
	t->generation = r->generation;
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

static void create(struct order *order, const struct event *ev)
{
	struct timeline *t = timeline_at(&order->lines, ev->thread);
	struct timeline *child = &order->lines.all[ev->other];

	if (!ev->other)
		return;
	timeline_tell(&order->lines, t, &child->given, NO_ORDER);
	child->giver = t->at;
}

static void start(struct order *order, const struct event *ev)
{
	struct timeline *t = timeline_at(&order->lines, ev->thread);

	timeline_learn(&order->lines, t, &t->given, t->giver, NO_ORDER);
	if (t->giver.slot)
		order_took(order, ev, ev->other, 0);
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

/*
 * All that was done is known to all from now on, so what was told of it need
 * not be kept, and counts begin anew.
 */
static void restart(struct order *order)
{
	order->era++;
	order->n_restarts++;
	timelines_restart(&order->lines);
	for (size_t i = 1; i < order->n_relays; i++) {
		struct relay *r = &order->relays[i];

		knowledge_drop(order->lines.pool, &r->last);
		knowledge_drop(order->lines.pool, &r->added);
		r->teller = nobody;
	}
	for (size_t i = 1; i < order->n_signals; i++)
		signals_forget(order->lines.pool, &order->signals[i]);
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

static void tell(struct order *order, const struct event *ev,
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
		order_post(order, ev);
		break;
	case CMSHIM_OP_TAKE:
	case CMSHIM_OP_ONCE_RETURN:
	case CMSHIM_OP_HAPPENS_AFTER:
		order_take(order, ev);
		break;
	case CMSHIM_OP_ARRIVE:
		arrive(order, ev);
		break;
	case CMSHIM_OP_DEPART:
		depart(order, ev);
		break;
	case CMSHIM_OP_WAIT:
		order_wait(order, ev);
		break;
	case CMSHIM_OP_WAKE:
		order_wake(order, ev);
		break;
	case CMSHIM_OP_SIGNALLED:
		order_signalled(order, ev);
		break;
	case CMSHIM_OP_DESTROY:
	case CMSHIM_OP_FREED:
		forget(order, ev->object);
		break;
	default:
		thread_event(order, ev);
	}
}

void order_event(struct order *order, const struct event *ev,
		 const struct world *world)
{
	const struct timeline *t = &order->lines.all[ev->thread];

	if (t->at.count >= order->lines.most)
		restart(order);
	if (!event_is_of_map(ev))
		tell(order, ev, world);
	if (order->n_callers && t->signalling)
		order_end_call(order, ev->thread);
	if (ev->op == CMSHIM_OP_SIGNAL || ev->op == CMSHIM_OP_BROADCAST)
		order_signal(order, ev);
}

const struct instant *order_now(struct order *order, uint32_t thread)
{
	struct timeline *t = timeline_at(&order->lines, thread);
	struct vclock *const *known = t->known.in;

	timeline_go_on(t);
	t->is_used = true;
	t->now.at = t->at;
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

uint32_t order_restarts(const struct order *order)
{
	return order->n_restarts;
}

void order_restart_at(struct order *order, uint32_t count)
{
	order->lines.most = count;
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
