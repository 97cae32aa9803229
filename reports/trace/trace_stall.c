/* SPDX-License-Identifier: MIT */
/*
 * What to do when every log waits for another one.  On a complete trace that
 * cannot be (ANALYSIS 2.1), so something is missing: it has to be found out
 * what, and given up.
 *
 * Of the numbers that are waited for, those are really missing that no log
 * still has before it: all logs are searched for them, some way ahead.  A
 * missing number is a gap, unless it can only be that of an event that was
 * just being recorded when the process ended: nothing of that thread follows,
 * and what others did rests on nothing that this event gave up, because what
 * gives up is recorded before it is done.
 *
 * The search and the number of stalls are limited by the size of the file, so
 * that no file takes longer than in proportion.
 */
#include "trace/trace_decode.h"

/* So far ahead each log is searched, in records. */
enum { AHEAD = 1 << 14 };

bool stall_skip(struct line *line, uint64_t next)
{
	if (next <= line->next)
		return false;
	if (!line->high || line->next < line->low)
		line->low = line->next;
	if (next > line->high)
		line->high = next;
	line->next = next;
	return true;
}

static bool waits_for_end(const struct log *log)
{
	return op_rows[log->head.op].shape == SHAPE_END;
}

/* The record is one of the events before the one that others wait for. */
static void mark_provided(struct trace *t, const struct log *log,
			  const struct record *rec)
{
	const struct op_row *row = &op_rows[rec->op];
	struct line *line;

	if (rec->op == CMSHIM_OP_CREATE) {
		uint32_t child = numbering_get(&t->thread_numbers,
					       record_field(rec, CMSHIM_ARG));

		t->threads[child].create_ahead = true;
		return;
	}
	if (row->shape != SHAPE_NUMBER && row->shape != SHAPE_ENTER)
		return;
	line = &t->lines[numbering_get(&t->object_numbers,
				       record_field(rec, CMSHIM_OBJECT))];
	if (line->waiting && line->waiting != log &&
	    (!record_has(rec, CMSHIM_SEQ) ||
	     record_field(rec, CMSHIM_SEQ) < line->waiting->need))
		line->provided = true;
}

static void provide(const struct log *log, struct line *line)
{
	if (line->waiting && line->waiting != log)
		line->provided = true;
}

static void look_ahead(struct trace *t, const struct log *log)
{
	const uint8_t *p = log->p, *end = log->end, *from = log->p;
	uint32_t chunk = log->chunk;
	struct record rec;

	/* What is held is going to be released, and what was taken last to be
	   taken again, most likely. */
	for (size_t i = 0; i < log->n_held && i < 64; i++)
		provide(log, &t->lines[log->held[i]]);
	if (log->taken.op)
		provide(log, &t->lines[numbering_get(&t->object_numbers,
						     log->taken.object)]);
	if (log->decoded)
		mark_provided(t, log, &log->head);
	for (int n = 0; n < AHEAD; n++) {
		const struct chunk *c;

		if (record_decode(&p, end, &rec) == DECODED_RECORD) {
			mark_provided(t, log, &rec);
			continue;
		}
		t->look_ahead -= (uint64_t)(p - from) < t->look_ahead
					 ? (uint64_t)(p - from)
					 : t->look_ahead;
		if (++chunk >= log->chunks_end || !t->look_ahead)
			return;
		c = &t->chunks[t->order[chunk]];
		from = p = c->at + sizeof(struct cmshim_chunk);
		end = c->at + c->bytes;
		if (p > end)
			return;
	}
	t->look_ahead -= (uint64_t)(p - from) < t->look_ahead
				 ? (uint64_t)(p - from)
				 : t->look_ahead;
}

static bool is_whole(const struct trace *t)
{
	return !t->missing && !t->info.truncated && !t->info.damaged &&
	       !t->lost_after && !t->header.lost[CMSHIM_LOST_EVENTS] &&
	       !t->header.lost[CMSHIM_LOST_NESTED];
}

/* Gives up what the first of those that wait for the object waits for. */
static void release_line(struct trace *t, struct line *line)
{
	struct log *log = heap_pop(&line->waiting);
	uint64_t missing = log->need - line->next;

	if (waits_for_end(log)) {
		log->forced = true;
	} else if (is_whole(t) && missing <= t->n_unfinished) {
		t->n_unfinished -= (uint32_t)missing;
		stall_skip(line, log->need);
	} else {
		log->gap = stall_skip(line, log->need);
	}
	log_ready(t, log);
	line_wake(t, line);
}

static struct line *line_of(const struct trace *t, const struct log *log)
{
	return &t->lines[log->head.object];
}

/* Finds out which of the things that are waited for are still to come. */
static void search(struct trace *t)
{
	for (size_t i = 0; i < t->n_logs; i++) {
		struct log *log = &t->logs[i];

		if (log->state == LOG_NUMBER)
			line_of(t, log)->provided = false;
		if (log->state == LOG_START)
			t->threads[log->thread].create_ahead = false;
	}
	for (size_t i = 0; i < t->n_logs && t->look_ahead; i++) {
		if (t->logs[i].state != LOG_ENDED)
			look_ahead(t, &t->logs[i]);
	}
}

/* Threads whose parents have not recorded that they created them. */
static bool release_starts(struct trace *t)
{
	bool released = false;

	for (size_t i = 0; i < t->n_logs; i++) {
		struct log *log = &t->logs[i];

		if (log->state != LOG_START ||
		    t->threads[log->thread].create_ahead)
			continue;
		log->forced = true;
		log_ready(t, log);
		released = true;
	}
	return released;
}

/*
 * Gives up numbers: all that no log has, or else, where every one seems to be
 * somewhere, that of the log that stood still first.
 */
static bool release_numbers(struct trace *t)
{
	struct log *first = NULL;
	bool released = false;

	for (size_t i = 0; i < t->n_logs; i++) {
		struct log *log = &t->logs[i];
		struct line *line = line_of(t, log);

		if (log->state != LOG_NUMBER || line->waiting != log)
			continue;
		if (!line->provided || !t->look_ahead || t->hopeless) {
			do {
				release_line(t, line);
			} while (t->hopeless && line->waiting);
			released = true;
		} else if (!first || log->ticks < first->ticks) {
			first = log;
		}
	}
	if (!released && first) {
		release_line(t, line_of(t, first));
		released = true;
	}
	return released;
}

static void release_join(struct trace *t, struct log *log)
{
	uint64_t number = record_field(&log->head, CMSHIM_ARG);

	/* The list goes through log.next; all that are in it are released. */
	t->threads[numbering_get(&t->thread_numbers, number)].joiners = NULL;
	log->forced = true;
	log_ready(t, log);
}

static bool release_waiting(struct trace *t, enum log_state state)
{
	bool released = false;

	for (size_t i = 0; i < t->n_logs; i++) {
		struct log *log = &t->logs[i];

		if (log->state != state)
			continue;
		released = true;
		switch (state) {
		case LOG_ATTACHED:
			break; /* with all others, below */
		case LOG_JOIN:
			release_join(t, log);
			break;
		case LOG_BURST:
			log->open_bursts = 0;
			log->burst_round++;
			log->interrupted = false;
			log_ready(t, log);
			break;
		default:
			log->forced = true;
			log_ready(t, log);
		}
	}
	for (size_t i = 0; state == LOG_ATTACHED && i < t->n_logs; i++) {
		struct log *log = &t->logs[i];

		while (log->bursts)
			log_ready(t, heap_pop(&log->bursts));
		log->stop = NEVER;
	}
	return released;
}

/*
 * The recorder is still at it: what is waited for was recorded after the
 * trace was opened, so this is its end.  All that came out has come out with
 * everything before it.
 */
static void end_all(struct trace *t)
{
	for (size_t i = 1; i < t->info.n_objects; i++)
		t->lines[i].waiting = NULL;
	for (size_t i = 1; i < t->info.n_threads; i++)
		t->threads[i].joiners = t->threads[i].children = NULL;
	for (size_t i = 0; i < t->n_logs; i++) {
		struct log *log = &t->logs[i];

		if (log->state == LOG_ENDED)
			continue;
		log->bursts = log->burst_of = NULL;
		log->open_bursts = 0;
		log->stop = NEVER;
		log->decoded = log->interrupted = false;
		log->again_left = 0;
		log->p = log->end;
		if (log->reading)
			log->chunks_end = log->chunk + 1;
		else
			log->chunks_end = log->chunk;
		log_ready(t, log);
	}
}

bool stall_resolve(struct trace *t)
{
	static const enum log_state others[] = { LOG_START, LOG_ATTACHED,
						 LOG_BURST, LOG_JOIN };
	bool released;

	if (is_whole(t) && trace_moved(t) && !t->hopeless) {
		t->hopeless = true;
		end_all(t);
		return true;
	}
	if (t->stall_work < t->n_logs)
		t->hopeless = true;
	else
		t->stall_work -= t->n_logs;

	search(t);
	if (release_starts(t) && !t->hopeless)
		return true;
	released = release_numbers(t);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (!released || t->hopeless)
			released |= release_waiting(t, others[i]);
	}
	return released;
}
