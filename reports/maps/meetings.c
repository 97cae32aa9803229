/* SPDX-License-Identifier: MIT */
/*
 * Which calls a call met inside its map, by the numbers: see
 * analyses/overlap.c for the rules.
 */
#include "maps/meetings.h"

struct part map_call_part(const struct map_call *q)
{
	return (struct part){
		.site = q->site,
		.number = q->seq,
		.is_write = q->is_write,
	};
}

bool instant_knew(const struct instant *began, const struct ending *ended)
{
	return ended->at.slot && ended->era == began->era &&
	       instant_knows(began, ORDER_ALL, ended->at);
}

static void add_pair(struct meetings *met, struct overlaps *found,
		     const struct map_call *q, const struct site *write,
		     struct ending ended, uint64_t number, uint64_t count)
{
	struct part other = {
		.site = *write,
		.number = number,
		.is_write = true,
	};

	met->n_overlaps += count;
	overlaps_add(found, met->object, map_call_part(q), other, count);
	if (instant_knew(&q->began, &ended))
		overlaps_contradict(found, met->object, map_call_part(q),
				    other);
}

/* The writes that entered while the call was inside. */
static void pair_with_entered(struct meetings *met, struct overlaps *found,
			      const struct map_call *q)
{
	const struct writes *w = &met->writes;
	uint64_t n = q->seq + 1;

	while (n <= q->end) {
		const struct run *run = writes_find(w, n);
		uint64_t past = q->end + 1;

		if (run && writes_run_end(w, run) < past)
			past = writes_run_end(w, run);
		else if (!run && w->n_runs && n < w->runs[0].first &&
			 w->runs[0].first < past)
			past = w->runs[0].first;

		if (!run || !run->site.thread)
			met->n_unproven += past - n;
		else if (run->site.thread != q->site.thread)
			add_pair(met, found, q, &run->site, run->ended, n,
				 past - n);
		n = past;
	}
}

/* A write other than number q->seq itself, or that one if it is long. */
static void consider(struct meetings *met, struct overlaps *found,
		     const struct map_call *q, const struct long_write *l,
		     struct candidates *c)
{
	if (l->number > q->seq || l->end < q->seq)
		return;
	if (l->site.thread == q->site.thread)
		return;
	if (l->abandoned || !l->site.thread) {
		c->is_doubtful = true;
	} else if (l->end > q->seq) {
		add_pair(met, found, q, &l->site, l->ended, l->number, 1);
		c->is_proved = true;
	} else {
		overlaps_consider(found, c, &l->site, l->number);
	}
}

static struct candidates candidates_of(struct meetings *met,
				       const struct open_calls *opens,
				       struct overlaps *found,
				       const struct map_call *q)
{
	const struct writes *w = &met->writes;
	const struct run *run = writes_find(w, q->seq);
	struct candidates c = { .n = 0 };

	for (size_t i = w->n_longs; i > 0; i--) {
		if (w->longs[i - 1].max_end < q->seq)
			break;
		consider(met, found, q, &w->longs[i - 1], &c);
	}
	/* At the end of the trace some may still be open. */
	for (const struct open_call *o = open_calls_of(opens, met->object); o;
	     o = open_calls_next(opens, o)) {
		const struct map_call *other = &o->call;

		if (other->is_write)
			consider(met, found, q,
				 &(struct long_write){ .number = other->seq,
						       .end = UINT64_MAX,
						       .site = other->site },
				 &c);
	}
	/*
	 * A write without a record may have been inside for long: its thread
	 * was killed in it.
	 */
	if (!run || !run->site.thread || w->dropped_end >= q->seq ||
	    (w->missing && w->missing <= q->seq))
		c.is_doubtful = true;
	else if (run->site.thread != q->site.thread)
		overlaps_consider(found, &c, &run->site, q->seq);
	return c;
}

/* The write that was inside when the read entered. */
static void pair_with_met(struct meetings *met, const struct open_calls *opens,
			  struct overlaps *found, const struct map_call *q)
{
	struct candidates c = candidates_of(met, opens, found, q);
	const struct run *run = writes_find(&met->writes, q->seq);
	struct ending ended = { .era = 0 };

	if (c.is_proved)
		return;
	if (c.n == 1 && c.parts[0].number == q->seq && run)
		ended = run->ended;
	/* A write of its own may be what an inner call met. */
	if (c.is_doubtful || q->is_inner || !c.n) {
		met->n_unproven++;
	} else if (c.n == 1) {
		add_pair(met, found, q, &c.parts[0].site, ended,
			 c.parts[0].number, 1);
	} else {
		met->n_overlaps++;
		overlaps_add_one_of(found, met->object, map_call_part(q), &c);
	}
}

void meetings_answer(struct meetings *met, const struct open_calls *opens,
		     struct overlaps *found, struct map_call q)
{
	if (q.end > met->writes.last) {
		q.end = met->writes.last;
		met->n_unproven++;
	}
	pair_with_entered(met, found, &q);
	if (q.met_write)
		pair_with_met(met, opens, found, &q);
}
