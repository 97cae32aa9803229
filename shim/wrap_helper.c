/* SPDX-License-Identifier: MIT */
/*
 * Functions that libc calls in a thread of its own (SIGEV_THREAD): what was
 * done before a timer was set, a notification asked for or requests handed in
 * comes before the function they end in.
 *
 * libc copies what it is to call, so it is given a function of ours with a
 * slot that says the program's.  A slot is bound to one function and value
 * for good: a call may come after its timer is deleted.  A request of aio
 * carries its notification in itself, where the program can look at it; of the
 * thread that ends in, and where no slot is left, only its first event is seen:
 * channel_notice().
 */
#include "wrap.h"

#include <aio.h>
#include <errno.h>
#include <string.h>

#include "block.h"
#include "channel.h"

#define N_SLOTS	 256
#define N_TIMERS 256

enum slot_state { SLOT_FREE, SLOT_TAKEN, SLOT_BOUND };

static struct callback {
	_Atomic int state; /* enum slot_state */
	void (*function)(union sigval value);
	union sigval value;
	uint32_t call;
} slots[N_SLOTS];

/* What a timer ends in.  A timer that is not here is not seen. */
static struct {
	_Atomic uintptr_t timer; /* and one, for 0 is a timer; 0: free */
	struct callback *slot;	 /* or NULL, and what it notifies by */
	struct sigevent event;
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
	channel_calls(FRAME, s->call);
	s->function(s->value);
	channel_called(FRAME);
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

static void remember(timer_t timer, struct callback *s,
		     const struct sigevent *e)
{
	static const struct sigevent standard = { .sigev_notify = SIGEV_SIGNAL,
						  .sigev_signo = SIGALRM };

	for (int i = 0; i < N_TIMERS; i++) {
		uintptr_t free = 0;

		if (!atomic_compare_exchange_strong(&timers[i].timer, &free,
						    UINTPTR_MAX))
			continue;
		timers[i].slot = s;
		timers[i].event = e ? *e : standard;
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

	if (r == 0 && process_is_recording())
		remember(*timer, s, e);
	return r;
}

EXPORT int timer_settime(timer_t timer, int flags, const struct itimerspec *now,
			 struct itimerspec *before)
{
	int place = find(timer);

	if (place >= 0 && timers[place].slot)
		say(FRAME, timers[place].slot, CMSHIM_OP_HAPPENS_BEFORE,
		    CALL_timer_settime);
	else if (place >= 0)
		channel_notice(FRAME, &timers[place].event, CALL_timer_settime);
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

#define NOTIFIED(name, params, args, before)                                  \
	EXPORT int name params                                                \
	{                                                                     \
		struct sigevent ours;                                         \
		struct callback *s = stand_in(e, &ours, CALL_##name);         \
                                                                              \
		before;                                                       \
		if (s) {                                                      \
			say(FRAME, s, CMSHIM_OP_HAPPENS_BEFORE, CALL_##name); \
			e = &ours;                                            \
		} else {                                                      \
			channel_notice(FRAME, e, CALL_##name);                \
		}                                                             \
		return PASS(name, args);                                      \
	}

NOTIFIED(mq_notify, (int queue, const struct sigevent *e), (queue, e), (void)0)
NOTIFIED(getaddrinfo_a, (int mode, void *list, int n, struct sigevent *e),
	 (mode, list, n, e), (void)0)
/*
 * Who asks how a request ended, and is told that it did, comes after who made
 * it.  The types of the two sets of functions are the same.
 */
#define AIO(bits)                                                             \
	_Static_assert(sizeof(struct aiocb##bits) == sizeof(struct aiocb),    \
		       "one layout");                                         \
                                                                              \
	EXPORT int aio_read##bits(struct aiocb##bits *r)                      \
	{                                                                     \
		hand_in(FRAME, r, CALL_aio_read##bits);                       \
		return PASS(aio_read##bits, (r));                             \
	}                                                                     \
	EXPORT int aio_write##bits(struct aiocb##bits *r)                     \
	{                                                                     \
		hand_in(FRAME, r, CALL_aio_write##bits);                      \
		return PASS(aio_write##bits, (r));                            \
	}                                                                     \
	EXPORT int aio_fsync##bits(int op, struct aiocb##bits *r)             \
	{                                                                     \
		hand_in(FRAME, r, CALL_aio_fsync##bits);                      \
		return PASS(aio_fsync##bits, (op, r));                        \
	}                                                                     \
	EXPORT int aio_error##bits(const struct aiocb##bits *r)               \
	{                                                                     \
		int error = PASS(aio_error##bits, (r));                       \
                                                                              \
		if (error != EINPROGRESS)                                     \
			has_ended(FRAME, r, CALL_aio_error##bits);            \
		return error;                                                 \
	}                                                                     \
	EXPORT ssize_t aio_return##bits(struct aiocb##bits *r)                \
	{                                                                     \
		ssize_t result = PASS(aio_return##bits, (r));                 \
                                                                              \
		has_ended(FRAME, r, CALL_aio_return##bits);                   \
		return result;                                                \
	}                                                                     \
	EXPORT int aio_suspend##bits(const struct aiocb##bits *const *list,   \
				     int n, const struct timespec *t)         \
	{                                                                     \
		struct block b = { .since = { .ticks = 0 } };                 \
		int r;                                                        \
                                                                              \
		if (block_matters())                                          \
			b = block_begin();                                    \
		r = PASS(aio_suspend##bits, (list, n, t));                    \
		block_end(FRAME, &b, CALL_aio_suspend##bits);                 \
		for (int i = 0; r == 0 && i < n; i++)                         \
			if (list[i] &&                                        \
			    PASS(aio_error##bits, (list[i])) != EINPROGRESS)  \
				has_ended(FRAME, list[i],                     \
					  CALL_aio_suspend##bits);            \
		return r;                                                     \
	}                                                                     \
	static void hand_in_all##bits(const void *frame,                      \
				      struct aiocb##bits *const *list, int n, \
				      uint32_t call)                          \
	{                                                                     \
		for (int i = 0; i < n; i++)                                   \
			if (list[i])                                          \
				hand_in(frame, list[i], call);                \
	}

/* request: a struct aiocb or aiocb64. */
static void hand_in(const void *frame, const void *request, uint32_t call)
{
	const struct aiocb *r = request;

	if (!process_is_recording())
		return;
	channel_give(frame, r, call);
	channel_notice(frame, &r->aio_sigevent, call);
}

/* One that was not handed in has no channel. */
static void has_ended(const void *frame, const void *request, uint32_t call)
{
	int error = errno;

	if (process_is_recording() &&
	    object_is_there(object_key(request, OBJECT_CHANNEL)))
		channel_take(frame, request, call);
	errno = error;
}

AIO()
AIO(64)

NOTIFIED(lio_listio,
	 (int mode, struct aiocb *const *list, int n, struct sigevent *e),
	 (mode, list, n, e), hand_in_all(FRAME, list, n, CALL_lio_listio))
NOTIFIED(lio_listio64,
	 (int mode, struct aiocb64 *const *list, int n, struct sigevent *e),
	 (mode, list, n, e), hand_in_all64(FRAME, list, n, CALL_lio_listio64))
