/* SPDX-License-Identifier: MIT */
/*
 * Bursts: what a signal handler recorded while it interrupted the recording
 * of an event.  They are logs of their own; NESTED says at which byte of
 * which log each burst belongs, and before which of its events if that is an
 * AGAIN.
 *
 * When the interrupted log comes to that byte it stops: the burst is read,
 * and the record at the byte (the interrupted one) before or after it, as the
 * numbers demand.  Where they leave the choice, the burst goes first if the
 * record tells of something about to be given up, else last: so both have
 * the locks held that really were.
 */
#include "trace/trace_decode.h"

#include <string.h>

static uint64_t position(const struct log *log)
{
	const uint8_t *p = log->p;
	unsigned before = 0;

	if (log->decoded || log->again_left) {
		p = log->at;
		before = log->again_done;
		if (log->decoded && before)
			before--;
	}
	return position_of(log->ordinal,
			   log->reading ? (uint64_t)(p - log->start) : 0,
			   before);
}

static void set_stop(struct log *log)
{
	uint64_t need, begin, byte;

	log->stop = NEVER;
	if (!log->bursts || !log->reading)
		return;
	need = log->bursts->need;
	begin = position_of(log->ordinal, 0, 0);
	byte = (need - begin) >> AGAIN_BITS;
	if (need < begin)
		log->stop = log->start;
	else if (byte <= (uint64_t)(log->end - log->start))
		log->stop = log->start + byte +
			    (need % (CMSHIM_AGAIN_MOST + 1) != 0);
}

static void open_burst(struct trace *t, struct log *log, struct log *burst)
{
	burst->burst_of = log;
	burst->burst_of_round = log->burst_round;
	log->open_bursts++;
	log_ready(t, burst);
}

void bursts_release(struct trace *t, struct log *log, uint64_t before)
{
	while (log->bursts && log->bursts->need <= before)
		open_burst(t, log, heap_pop(&log->bursts));
	set_stop(log);
}

/* Whether the log may go on; else it waits. */
bool burst_gate(struct trace *t, struct log *log)
{
	if (!log->decoded && log->p >= log->stop) {
		uint64_t here = position(log);

		log->interrupted |= log->bursts->need == here;
		bursts_release(t, log, here);
	}
	if (!log->open_bursts || log->interrupted)
		return true;
	log_wait(t, log, LOG_BURST);
	return false;
}

/* A burst has come to its end. */
void burst_over(struct trace *t, struct log *burst)
{
	struct log *log = burst->burst_of;

	burst->burst_of = NULL;
	if (!log || burst->burst_of_round != log->burst_round)
		return;
	if (--log->open_bursts == 0 && log->state == LOG_BURST)
		log_ready(t, log);
}

/*
 * A burst has to wait: perhaps for the number of the very record that let it
 * go first.
 */
void burst_waits(struct trace *t, struct log *burst)
{
	struct log *log = burst->burst_of;

	if (log && log->state == LOG_BURST && log->interrupted)
		log_ready(t, log);
}

static const struct chunk *chunk_find(const struct trace *t, uint64_t stream,
				      uint64_t index)
{
	size_t low = t->n_defs_chunks, high = t->n_chunks;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct chunk *c = &t->chunks[middle];

		if (c->stream_number < stream ||
		    (c->stream_number == stream && c->index < index))
			low = middle + 1;
		else
			high = middle;
	}
	if (low < t->n_chunks && t->chunks[low].stream_number == stream &&
	    t->chunks[low].index == index && t->chunks[low].thread)
		return &t->chunks[low];
	return NULL;
}

/* Where NESTED says that the burst belongs. */
static uint64_t burst_position(const struct chunk *c, const struct record *rec)
{
	uint64_t byte = record_field(rec, CMSHIM_END);
	uint64_t before = record_field(rec, CMSHIM_CODE);

	/* After the last event of the AGAIN is before the next record. */
	if (before && (byte >= c->bytes || before > CMSHIM_AGAIN_MOST ||
		       c->at[byte] < CMSHIM_AGAIN + before)) {
		byte++;
		before = 0;
	}
	return position_of(c->ordinal, byte, (unsigned)before);
}

/*
 * The burst that the log is about to read is tied to its place.  If that is
 * not in the trace, or has been passed, the burst is read right away.
 */
void burst_attach(struct trace *t, struct log *burst)
{
	const struct record *rec = &burst->head;
	const struct chunk *c = chunk_find(t, record_field(rec, CMSHIM_KEY),
					   record_field(rec, CMSHIM_ARG));
	struct log *log = c ? &t->logs[c->log] : NULL;

	if (!log || log == burst || log->state == LOG_ENDED || t->hopeless)
		return;
	burst->need = burst_position(c, rec);
	if (burst->need < position(log) ||
	    (burst->need == position(log) && log->decoded))
		return;
	log_wait(t, burst, LOG_ATTACHED);
	heap_push(&log->bursts, burst);
	set_stop(log);
}
