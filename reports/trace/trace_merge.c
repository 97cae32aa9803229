/* SPDX-License-Identifier: MIT */
/*
 * The merge: follows one log until its next event has to wait for another
 * log's, then goes on with a log that need not.  Any order that keeps each
 * log's own and each object's numbers is one in which the run could have
 * been watched; on a complete trace some log can always go on (ANALYSIS 2).
 *
 * Nothing is buffered: a log that waits keeps one decoded record.
 */
#include "trace/trace_decode.h"

enum turn {
	TURN_NOW,
	TURN_WAITS,
	TURN_NEVER, /* nothing to deliver */
};

void line_wake(struct trace *t, struct line *line)
{
	while (line->waiting && line->waiting->need <= line->next)
		log_ready(t, heap_pop(&line->waiting));
}

static enum turn wait_number(struct trace *t, struct log *log, uint64_t need)
{
	if (unlikely(t->hopeless)) {
		log->gap |= stall_skip(&t->lines[log->head.object], need);
		return TURN_NOW;
	}
	log->need = need;
	heap_push(&t->lines[log->head.object].waiting, log);
	log_wait(t, log, LOG_NUMBER);
	return TURN_WAITS;
}

/*
 * A number that has been given up or taken already.  Beside a FOREIGN event
 * that happens in good traces: its number was taken atomically, the owner's
 * was not.
 */
static enum turn number_late(struct trace *t, struct log *log, uint64_t seq)
{
	struct record *rec = &log->head;
	struct line *line = &t->lines[rec->object];
	bool foreign = record_field(rec, CMSHIM_FLAGS) & CMSHIM_FOREIGN;

	line->foreign |= foreign;
	if (!line->foreign && !(seq >= line->low && seq < line->high))
		trace_damage(t, log->at,
			     "number %llu of an object is there "
			     "twice",
			     (unsigned long long)seq);
	if (seq + 1 == line->next)
		line->last_chunk = log->serial;
	rec->ordered = false;
	rec->seq = seq;
	log->gap = true;
	return TURN_NOW;
}

static enum turn turn_number(struct trace *t, struct log *log)
{
	struct record *rec = &log->head;
	struct line *line = &t->lines[rec->object];

	rec->ordered = true;
	if (record_has(rec, CMSHIM_SEQ)) {
		rec->seq = record_field(rec, CMSHIM_SEQ);
		if (rec->seq == line->next)
			return TURN_NOW;
		if (rec->seq < line->next)
			return number_late(t, log, rec->seq);
		if (rec->seq < NUMBER_LIMIT)
			return wait_number(t, log, rec->seq);
		trace_damage(t, log->at, "an impossible number");
		rec->seq = 0;
		rec->ordered = false;
		log->gap = true;
		return TURN_NOW;
	}
	rec->seq = line->next;
	/* Of a map, the number before may have been seen by a read; whose it
	   was is not kept. */
	if (line->last_chunk == log->serial || line->class == CMSHIM_MAP)
		return TURN_NOW;
	if (line->foreign || line->high)
		return number_late(t, log, line->next - 1);
	trace_damage(t, log->at,
		     "an event has no number, but does not follow on its own");
	log->gap = true;
	return TURN_NOW;
}

/* The number that the log's chunk had last on a map, if another chunk wrote
   since or it was told by a read. */
static uint64_t *own_number(struct log *log, uint32_t map)
{
	if (!log->own_numbers)
		log->own_numbers = table_new();
	return table_at(log->own_numbers, map, 0);
}

/* A map call that only reads has the number of the last write it may see. */
static enum turn turn_read(struct trace *t, struct log *log)
{
	struct record *rec = &log->head;
	struct line *line = &t->lines[rec->object];
	const uint64_t *own;

	rec->seq = line->next - 1;
	if (record_has(rec, CMSHIM_SEQ)) {
		uint64_t seq = record_field(rec, CMSHIM_SEQ);

		if (seq >= NUMBER_LIMIT) {
			trace_damage(t, log->at, "an impossible number");
			return TURN_NOW;
		}
		rec->seq = seq;
		*own_number(log, rec->object) = seq;
	} else if (line->last_chunk != log->serial) {
		own = log->own_numbers
			      ? table_find(log->own_numbers, rec->object, 0)
			      : NULL;
		if (own)
			rec->seq = *own;
		else
			trace_damage(t, log->at,
				     "a read has no number, but "
				     "follows on none of its own");
	}
	if (rec->seq >= line->next)
		return wait_number(t, log, rec->seq + 1);
	return TURN_NOW;
}

static enum turn turn_end(struct trace *t, struct log *log)
{
	uint64_t end = record_field(&log->head, CMSHIM_END);

	if (end >= t->lines[log->head.object].next && end < NUMBER_LIMIT)
		return wait_number(t, log, end + 1);
	return TURN_NOW;
}

/* A thread begins after its parent's CREATE of it, if that can be found. */
static enum turn turn_start(struct trace *t, struct log *log)
{
	struct thread *thread = &t->threads[log->thread];
	uint32_t parent = numbering_get(&t->thread_numbers,
					record_field(&log->head, CMSHIM_ARG));
	struct thread *from;

	if (!parent)
		parent = thread->parent;
	from = &t->threads[parent];
	if (thread->created || thread->n_events || log->nested || !parent ||
	    parent == log->thread || !from->open_logs || t->hopeless)
		return TURN_NOW;
	log->next_child = from->children;
	from->children = log;
	log_wait(t, log, LOG_START);
	return TURN_WAITS;
}

static enum turn turn_join(struct trace *t, struct log *log)
{
	uint32_t joined = numbering_get(&t->thread_numbers,
					record_field(&log->head, CMSHIM_ARG));

	if (joined == log->thread || !t->threads[joined].open_logs ||
	    t->hopeless)
		return TURN_NOW;
	log->next = t->threads[joined].joiners;
	t->threads[joined].joiners = log;
	log_wait(t, log, LOG_JOIN);
	return TURN_WAITS;
}

/* Finds out what object a record is about; false if it is none that counts. */
static bool find_object(struct trace *t, struct log *log,
			const struct op_row *row)
{
	struct record *rec = &log->head;

	rec->object = 0;
	if (record_has(rec, CMSHIM_OBJECT)) {
		uint64_t number = record_field(rec, CMSHIM_OBJECT);

		rec->object = numbering_get(&t->object_numbers, number);
		if (unlikely(!rec->object))
			trace_undefined(t, log->at, "object", number);
	} else if (!row->object) {
		return true;
	} else if ((rec->op == CMSHIM_OP_RELEASE ||
		    rec->op == CMSHIM_OP_RELEASE_SHARED)) {
		if (log->n_held)
			rec->object = log->held[log->n_held - 1];
		else if (!log->dropped && !t->missing && !t->info.truncated)
			trace_damage(t, log->at, "a release of nothing");
	} else {
		trace_damage(t, log->at, "an event on no object");
	}
	return rec->object;
}

static enum turn log_turn(struct trace *t, struct log *log)
{
	struct record *rec = &log->head;
	const struct op_row *row = &op_rows[rec->op];

	rec->ordered = false;
	rec->seq = 0;
	if (unlikely(row->shape == SHAPE_UNKNOWN))
		return TURN_NEVER;
	if (unlikely(!find_object(t, log, row)))
		return TURN_NEVER;
	if (unlikely(log->restate) && row->shape != SHAPE_HELD)
		log->restate = false;

	switch (row->shape) {
	case SHAPE_NUMBER:
		return turn_number(t, log);
	case SHAPE_READ:
		return turn_read(t, log);
	case SHAPE_ENTER:
		if (record_field(rec, CMSHIM_FLAGS) & CMSHIM_WRITE)
			return turn_number(t, log);
		return turn_read(t, log);
	case SHAPE_END:
		return turn_end(t, log);
	case SHAPE_START:
		return turn_start(t, log);
	case SHAPE_JOIN:
		return turn_join(t, log);
	case SHAPE_HELD:
		return log->restate ? TURN_NOW : TURN_NEVER;
	case SHAPE_NESTED:
		burst_over(t, log);
		log->decoded = false;
		burst_attach(t, log);
		return TURN_NEVER;
	default:
		return TURN_NOW;
	}
}

/* Another chunk writes the map: reads in the chunk that wrote it last may
   still leave that number out. */
static void keep_own_write(struct trace *t, const struct line *line,
			   uint32_t map)
{
	struct log *log = &t->logs[t->chunks[line->last_chunk - 1].log];

	if (log->serial != line->last_chunk)
		return;
	*own_number(log, map) = line->next - 1;
}

/* The object has got to number rec->seq. */
static inline void line_advance(struct trace *t, struct log *log,
				const struct record *rec)
{
	struct line *line = &t->lines[rec->object];

	if (line->last_chunk != log->serial) {
		if (line->class == CMSHIM_MAP && line->last_chunk)
			keep_own_write(t, line, rec->object);
		line->last_chunk = log->serial;
	}
	line->next = rec->seq + 1;
	if (unlikely(record_field(rec, CMSHIM_FLAGS) & CMSHIM_FOREIGN))
		line->foreign = true;
	if (line->waiting && line->waiting->need <= line->next)
		line_wake(t, line);
}

/* The next event of the AGAIN becomes head. */
static void log_again(struct log *log)
{
	struct record *rec = &log->head;

	rec->mask = 0;
	if (log->again_done % 2 == 0) {
		rec->op = log->taken.op;
		record_set(rec, CMSHIM_OBJECT, log->taken.object);
		record_set(rec, CMSHIM_STACK, log->taken.stack);
	} else {
		rec->op = log->taken.op == CMSHIM_OP_ACQUIRE
				  ? CMSHIM_OP_RELEASE
				  : CMSHIM_OP_RELEASE_SHARED;
	}
	log->again_done++;
	log->again_left--;
	log->decoded = true;
}

/* False: there is nothing that it could repeat. */
static bool log_begin_again(const struct trace *t, struct log *log)
{
	const struct chunk *c = &t->chunks[t->order[log->chunk]];
	uint8_t n = record_n_again(&log->head);

	if (log->taken.op == CMSHIM_OP_NONE || log->head.mask)
		return false;
	if (c->open && log->p == log->end && c->n_again && n > c->n_again)
		n = c->n_again;
	log->again_left = n;
	log_again(log);
	return true;
}

/* It may be what AGAIN repeats. */
static void log_remember(struct log *log)
{
	const struct record *rec = &log->head;

	if (rec->mask != (CMSHIM_OBJECT | CMSHIM_STACK))
		return;
	log->taken.op = rec->op;
	log->taken.object = record_field(rec, CMSHIM_OBJECT);
	log->taken.stack = record_field(rec, CMSHIM_STACK);
}

static void log_undecodable(struct trace *t, struct log *log)
{
	if (!t->chunks[t->order[log->chunk]].cut)
		trace_damage(t, log->p, "no event where one is due");
	log->dropped = true;
	log->end = log->p;
}

/* Decodes the next record; false at the end of what can be. */
static bool log_decode(struct trace *t, struct log *log)
{
	const struct record *rec = &log->head;

	if (log->again_left) {
		log_again(log);
		return true;
	}
	log->at = log->p;
	log->again_done = 0;
	switch (record_decode(&log->p, log->end, &log->head)) {
	case DECODED_END:
		return false;
	case DECODED_BAD:
		log_undecodable(t, log);
		return false;
	case DECODED_RECORD:
		break;
	}
	if (unlikely(rec->op >= CMSHIM_AGAIN)) {
		if (log_begin_again(t, log))
			return true;
		log->p = log->at;
		log_undecodable(t, log);
		return false;
	}
	if (rec->op == CMSHIM_OP_ACQUIRE || rec->op == CMSHIM_OP_ACQUIRE_SHARED)
		log_remember(log);
	log->decoded = true;
	if (record_has(rec, CMSHIM_TIME) &&
	    __builtin_add_overflow(log->ticks, record_field(rec, CMSHIM_TIME),
				   &log->ticks))
		log->ticks = UINT64_MAX;
	return true;
}

static void gap_make(struct trace *t, struct log *log, struct event *ev)
{
	log->gap = false;
	log->forced = true;
	t->info.n_gaps++;
	*ev = (struct event){ .op = EVENT_GAP, .object = log->head.object };
}

/* The log's head goes out. */
static inline void log_deliver(struct trace *t, struct log *log,
			       struct event *ev)
{
	event_make(t, log, ev);
	if (log->head.ordered)
		line_advance(t, log, &log->head);
	log->decoded = log->forced = false;
	log->interrupted = log->polite = false;
	if (unlikely(--t->turns == 0)) {
		t->turns = TURNS;
		if (t->first) {
			log_ready(t, log);
			t->running = NULL;
		}
	}
}

int trace_next(struct trace *t, struct event *ev)
{
	for (;;) {
		struct log *log = t->running;

		if (unlikely(!log)) {
			log = queue_pop(t);
			if (!log && stall_resolve(t))
				continue;
			if (!log) {
				merge_finish(t);
				return 0;
			}
			t->running = log;
			t->turns = TURNS;
		}
		if (unlikely(log->p >= log->stop || log->open_bursts) &&
		    !burst_gate(t, log))
			continue;
		if (!log->decoded && !log_decode(t, log)) {
			if (chunk_over(t, log, ev))
				return 1;
			continue;
		}
		if (unlikely(log->interrupted && log->open_bursts &&
			     !log->polite && op_rows[log->head.op].gives_up)) {
			log->polite = true;
			log_wait(t, log, LOG_BURST);
			continue;
		}
		if (!log->forced) {
			enum turn turn = log_turn(t, log);

			if (turn == TURN_NEVER) {
				log->decoded = false;
				log->interrupted = log->polite = false;
			}
			if (turn != TURN_NOW)
				continue;
		}
		if (unlikely(log->gap)) {
			gap_make(t, log, ev);
			return 1;
		}
		log_deliver(t, log, ev);
		return 1;
	}
}
