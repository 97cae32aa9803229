/* SPDX-License-Identifier: MIT */
/*
 * Any bytes are STD text or are refused, and whatever can be read can be
 * analysed: no crash, no endless loop, no allocation that the size of the
 * input does not justify.
 *
 * make fuzz         libFuzzer, one minute, from corpus/
 * make check        every file of corpus/ once, with any compiler
 */
#include <stddef.h>
#include <stdint.h>

#include "std/predict.h"
#include "std/std.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct std_trace trace;

	if (std_read_memory(&trace, (const char *)bytes, size) == 0) {
		struct prediction p = predict(&trace, PREDICT_MAX_STEPS);

		/* A race of a pair is an event and has a variable. */
		if ((p.hb_racy_pairs > 0) != (p.hb_racy_vars > 0) ||
		    p.hb_racy_events > p.hb_racy_pairs ||
		    p.hb_racy_vars > p.hb_racy_events)
			__builtin_trap();
		std_release(&trace);
	}
	return 0;
}
