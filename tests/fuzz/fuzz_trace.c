/* SPDX-License-Identifier: MIT */
/*
 * Any bytes are a trace or are refused: no crash, no endless loop, no more
 * events than the bytes can hold, and no event that points outside the arrays
 * of struct trace_info, which nobody checks after the reader.
 *
 * make fuzz         libFuzzer, one minute, from corpus/
 * make check        every file of corpus/ once, with any compiler
 */
#include <stdlib.h>

#include "trace/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool truth)
{
	if (!truth)
		abort();
}

static void check_info(const struct trace_info *info)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < info->n_objects; i++) {
		require(info->objects[i].stack < info->n_stacks);
		require(info->objects[i].family < info->n_families);
	}
	for (size_t i = 0; i < info->n_threads; i++)
		require(info->threads[i].parent < info->n_threads);
	for (size_t i = 0; i < info->n_calls; i++)
		require(info->calls[i].family < info->n_families &&
			info->calls[i].name);
	for (size_t i = 0; i < info->n_modules; i++)
		require(info->modules[i].path != NULL);
	for (size_t i = 0; i < info->n_stacks; i++) {
		for (size_t k = 0; k < info->stacks[i].n_frames; k++)
			sum += info->stacks[i].frames[k];
	}
	require(sum || !sum); /* all frames can be read */
	require(info->damaged == (info->damage != NULL));
}

static void check_event(const struct trace_info *info, const struct event *ev)
{
	bool about_object = ev->op == CMSHIM_OP_WAIT;

	require(ev->op && (ev->op < CMSHIM_N_OPS || ev->op == EVENT_GAP ||
			   ev->op == EVENT_THREAD_END));
	require(ev->thread < info->n_threads);
	require(ev->thread || ev->op == EVENT_GAP);
	require(ev->object < info->n_objects);
	require(ev->stack < info->n_stacks);
	require(ev->call < info->n_calls);
	require(ev->other < (about_object ? info->n_objects : info->n_threads));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct trace_info *info;
	struct trace *trace, *again;
	const char *why = NULL;
	struct event ev;
	size_t n = 0;

	if (trace_open_memory(&trace, bytes, size, &why) < 0) {
		require(why != NULL);
		return 0;
	}
	info = trace_info(trace);
	check_info(info);
	while (trace_next(trace, &ev) > 0) {
		check_event(info, &ev);
		n++;
	}
	require(trace_next(trace, &ev) == 0);
	/* A byte is an AGAIN at most, with a gap before each of its events; an
	   end for each thread. */
	require(n <= 2 * (CMSHIM_AGAIN_MOST + 1) * size + info->n_threads);
	require(info->damaged == (info->damage != NULL));
	require(!info->damaged || info->damage_at <= size);
	again = trace_again(trace);
	while (trace_next(again, &ev) > 0)
		n--;
	require(n == 0);
	trace_close(again);
	require(trace_progress(trace) >= 0 && trace_progress(trace) <= 1);
	trace_close(trace);
	return 0;
}
