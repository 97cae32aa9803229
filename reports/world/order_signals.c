/* SPDX-License-Identifier: MIT */
/*
 * Whom a condition's signals wake, as far as order goes; and futexes, which
 * hand over like a channel.
 */
#include <errno.h>

#include "store.h"
#include "world/order_parts.h"

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

static bool is_futex(struct order *order, const struct event *ev)
{
	bool is = order->info->objects[ev->object].class == CMSHIM_FUTEX;

	order->has_futexes |= is;
	return is;
}

void order_wait(struct order *order, const struct event *ev)
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
void order_signal(struct order *order, const struct event *ev)
{
	struct timeline *t = timeline_at(&order->lines, ev->thread);
	struct signals *s;

	/* Who sleeps on a futex has seen its word, as every waker has. */
	if (is_futex(order, ev)) {
		order_post(order, ev);
		return;
	}
	s = signals_at(order, ev->object);
	signals_tell(order->lines.pool, s, &t->known, t->at);
	s->giver = ev->thread;
	s->given_stack = ev->stack;
	t->is_told = true;
	t->signalling = ev->object;
	t->signalled = t->at;
	order->callers = grow(order->callers, &order->room_callers,
			      order->n_callers, sizeof(*order->callers));
	order->callers[order->n_callers++] = ev->thread;
}

void order_end_call(struct order *order, uint32_t thread)
{
	size_t i = 0;

	order->lines.all[thread].signalling = 0;
	while (order->callers[i] != thread)
		i++;
	order->callers[i] = order->callers[--order->n_callers];
}

/* Those that began to wait during the call are known by now. */
void order_signalled(struct order *order, const struct event *ev)
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

void order_wake(struct order *order, const struct event *ev)
{
	struct timeline *t = timeline_at(&order->lines, ev->thread);
	struct signals *s;
	bool is_new = false;

	/* It has seen the word, unless another one woke it: see trace.h. */
	if (is_futex(order, ev)) {
		if (ev->code != ECANCELED)
			order_take(order, ev);
		return;
	}
	s = signals_at(order, ev->object);
	/* What it was told until now was kept for nobody. */
	if (!t->wait)
		order->era++;
	for (size_t i = signals_since(s, t->wait); !ev->code && i < s->n; i++) {
		tell_apart(order);
		is_new |=
			timeline_learn(&order->lines, t, &s->intervals[i].told,
				       nobody, ORDER_NO_SIGNALS);
	}
	for (size_t i = 0; !ev->code && i < order->n_callers; i++) {
		struct timeline *caller = &order->lines.all[order->callers[i]];

		if (caller->signalling != ev->object)
			continue;
		tell_apart(order);
		is_new |= timeline_learn(&order->lines, t, &caller->known,
					 caller->signalled, ORDER_NO_SIGNALS);
	}
	if (is_new)
		order_took(order, ev, s->giver, s->given_stack);
	signals_woken(order->lines.pool, s, t->wait);
	t->wait = 0;
}
