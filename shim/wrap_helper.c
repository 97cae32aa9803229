/* SPDX-License-Identifier: MIT */
/*
 * Functions that libc calls in a thread of its own (SIGEV_THREAD): what was
 * done before a timer was set, a notification asked for or requests handed in
 * comes before the function they end in.
 *
 * libc copies what it is to call, so it is given a function of ours with a
 * slot that says the program's.  A slot is bound to one function and value
 * for good: a call may come after its timer is deleted.  Where no slot is
 * left, and for requests of aio that carry their notification in themselves,
 * the call is not seen to begin.
 */
#include "wrap.h"

#include <string.h>

#define N_SLOTS	 256
#define N_TIMERS 256

enum slot_state { SLOT_FREE, SLOT_TAKEN, SLOT_BOUND };

static struct callback {
	_Atomic int state; /* enum slot_state */
	void (*function)(union sigval value);
	union sigval value;
	uint32_t call;
} slots[N_SLOTS];

/* Which slot a timer ends in.  A timer that is not here is not seen. */
static struct {
	_Atomic uintptr_t timer; /* and one, for 0 is a timer; 0: free */
	struct callback *slot;
} timers[N_TIMERS];

static struct callback *slot_for(const struct sigevent *e, uint32_t call)
{
	for (int i = 0; i < N_SLOTS; i++) {
		struct callback *s = &slots[i];
		int state = atomic_load(&s->state);

		if (state == SLOT_FREE &&
		    atomic_compare_exchange_strong(&s->state, &state,
						   SLOT_TAKEN)) {
			s->function = e->sigev_notify_function;
			s->value = e->sigev_value;
			s->call = call;
			atomic_store(&s->state, SLOT_BOUND);
			return s;
		}
		if (state == SLOT_BOUND && s->call == call &&
		    s->function == e->sigev_notify_function &&
		    s->value.sival_ptr == e->sigev_value.sival_ptr)
			return s;
	}
	return NULL;
}

static void say(const void *frame, const struct callback *s, enum cmshim_op op,
		uint32_t call)
{
	struct context *c = s ? context_enter(frame) : NULL;
	struct fields f = { .mask = 0 };

	if (!c)
		return;
	record_optional(&f, call, 0);
	record_numbered(c, frame, object_key(s, OBJECT_CHANNEL), op, &f);
	context_leave(c);
}

static void run(union sigval value)
{
	const struct callback *s = value.sival_ptr;

	say(FRAME, s, CMSHIM_OP_HAPPENS_AFTER, s->call);
	s->function(s->value);
}

/* Our function in the program's stead, in a copy; NULL: it stays as it is. */
static struct callback *stand_in(const struct sigevent *e,
				 struct sigevent *ours, uint32_t call)
{
	struct callback *s;

	if (!e || e->sigev_notify != SIGEV_THREAD || !process_is_recording())
		return NULL;
	s = slot_for(e, call);
	if (!s)
		return NULL;
	*ours = *e;
	ours->sigev_notify_function = run;
	ours->sigev_value.sival_ptr = s;
	return s;
}

static void remember(timer_t timer, struct callback *s)
{
	for (int i = 0; s && i < N_TIMERS; i++) {
		uintptr_t free = 0;

		if (!atomic_compare_exchange_strong(&timers[i].timer, &free,
						    UINTPTR_MAX))
			continue;
		timers[i].slot = s;
		atomic_store(&timers[i].timer, (uintptr_t)timer + 1);
		return;
	}
}

/* The timer's place; -1: it has none. */
static int find(timer_t timer)
{
	for (int i = 0; i < N_TIMERS; i++)
		if (atomic_load(&timers[i].timer) == (uintptr_t)timer + 1)
			return i;
	return -1;
}

EXPORT int timer_create(clockid_t clock, struct sigevent *e, timer_t *timer)
{
	struct sigevent ours;
	struct callback *s = stand_in(e, &ours, CALL_timer_create);
	int r = PASS(timer_create, (clock, s ? &ours : e, timer));

	if (r == 0)
		remember(*timer, s);
	return r;
}

EXPORT int timer_settime(timer_t timer, int flags, const struct itimerspec *now,
			 struct itimerspec *before)
{
	int place = find(timer);

	if (place >= 0)
		say(FRAME, timers[place].slot, CMSHIM_OP_HAPPENS_BEFORE,
		    CALL_timer_settime);
	return PASS(timer_settime, (timer, flags, now, before));
}

/* Before the call: after it another timer may have the number. */
EXPORT int timer_delete(timer_t timer)
{
	int place = find(timer);

	if (place >= 0)
		atomic_store(&timers[place].timer, 0);
	return PASS(timer_delete, (timer));
}

#define NOTIFIED(name, params, args)                                          \
	EXPORT int name params                                                \
	{                                                                     \
		struct sigevent ours;                                         \
		struct callback *s = stand_in(e, &ours, CALL_##name);         \
                                                                              \
		if (s) {                                                      \
			say(FRAME, s, CMSHIM_OP_HAPPENS_BEFORE, CALL_##name); \
			e = &ours;                                            \
		}                                                             \
		return PASS(name, args);                                      \
	}

NOTIFIED(mq_notify, (int queue, const struct sigevent *e), (queue, e))
NOTIFIED(getaddrinfo_a, (int mode, void *list, int n, struct sigevent *e),
	 (mode, list, n, e))
NOTIFIED(lio_listio,
	 (int mode, struct aiocb *const *list, int n, struct sigevent *e),
	 (mode, list, n, e))
NOTIFIED(lio_listio64,
	 (int mode, struct aiocb64 *const *list, int n, struct sigevent *e),
	 (mode, list, n, e))
