/* SPDX-License-Identifier: MIT */
/*
 * trace_size TRACE: how many events a trace has, and bytes of records; what
 * it takes to read it, without any analysis.
 *
 * build: -Ireports reports/trace/trace*.c reports/store.c reports/spill.c
 */
#include "trace/trace.h"

#include "bench.h"

int main(int argc, char **argv)
{
	double start = bench_ns(CLOCK_PROCESS_CPUTIME_ID);
	struct trace *trace;
	struct event ev;
	const char *why;

	if (argc != 2 || trace_open(&trace, argv[1], &why) < 0) {
		fputs("usage: trace_size TRACE\n", stderr);
		return 2;
	}
	while (trace_next(trace, &ev) > 0)
		;
	start = bench_ns(CLOCK_PROCESS_CPUTIME_ID) - start;
	bench_say("events", (double)trace_info(trace)->n_events, "events");
	bench_say("bytes", (double)trace_info(trace)->n_bytes, "bytes");
	bench_say("event", start / (double)trace_info(trace)->n_events, "ns");
	trace_close(trace);
	return 0;
}
