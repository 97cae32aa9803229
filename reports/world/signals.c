/* SPDX-License-Identifier: MIT */
/*
 * Intervals that nobody's wait begins at are joined to the one before, so
 * there are no more of them than threads that wait.  Of many waiters the
 * oldest are put together: they are told more than was signalled, which can
 * only add order.
 */
#include "world/signals.h"

#include <stdlib.h>
#include <string.h>

#include "store.h"

enum { MAX_INTERVALS = 64 };

void signals_forget(struct vclock_pool *pool, struct signals *s)
{
	for (size_t i = 0; i < s->n; i++)
		knowledge_drop(pool, &s->intervals[i].told);
}

void signals_release(struct vclock_pool *pool, struct signals *s)
{
	signals_forget(pool, s);
	store_free(s->intervals);
	*s = (struct signals){ .n = 0 };
}

/* What was told in the interval is told to those who waited before, too. */
static void join_to_before(struct vclock_pool *pool, struct signals *s,
			   size_t i)
{
	static const struct epoch nobody;

	if (i > 0) {
		knowledge_learn(pool, &s->intervals[i - 1].told,
				&s->intervals[i].told, nobody);
		s->intervals[i - 1].n_waiting += s->intervals[i].n_waiting;
	}
	knowledge_drop(pool, &s->intervals[i].told);
	s->n--;
	memmove(&s->intervals[i], &s->intervals[i + 1],
		(s->n - i) * sizeof(*s->intervals));
}

uint64_t signals_wait(struct vclock_pool *pool, struct signals *s)
{
	if (!s->n || s->intervals[s->n - 1].told.in[ORDER_ALL]) {
		if (s->n == MAX_INTERVALS)
			join_to_before(pool, s, 1);
		s->intervals = grow(s->intervals, &s->room, s->n,
				    sizeof(*s->intervals));
		s->intervals[s->n++] = (struct interval){ .number = ++s->last };
	}
	s->intervals[s->n - 1].n_waiting++;
	return s->last;
}

void signals_tell(struct vclock_pool *pool, struct signals *s,
		  const struct knowledge *known, struct epoch teller)
{
	if (s->n)
		knowledge_learn(pool, &s->intervals[s->n - 1].told, known,
				teller);
}

size_t signals_since(const struct signals *s, uint64_t wait)
{
	size_t i = s->n;

	while (i > 0 && s->intervals[i - 1].number > wait)
		i--;
	return i ? i - 1 : 0;
}

void signals_woken(struct vclock_pool *pool, struct signals *s, uint64_t wait)
{
	size_t i = signals_since(s, wait);

	if (i < s->n && s->intervals[i].n_waiting &&
	    --s->intervals[i].n_waiting == 0)
		join_to_before(pool, s, i);
}
