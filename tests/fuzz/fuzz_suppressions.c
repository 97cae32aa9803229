/* SPDX-License-Identifier: MIT */
/*
 * Any bytes are a file of suppressions or are refused: no crash, no endless
 * loop; and what was read can be looked up.
 *
 * make fuzz         libFuzzer, a minute, from corpus/
 * make check        every file of corpus/ once, with any compiler
 */
#include <stddef.h>
#include <stdint.h>

#include "report/suppressions.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct rule rule = { .id = "dl-potential" };
static const struct shown_object lock = { .name = "a!b", .kind = "mutex" };
static const struct shown_frame frame = { .module = "/lib/a", .function = "f" };
static const struct shown_thread thread = { .name = "t" };
static const struct shown_side sides[2] = {
	{ .thread = &thread, .stack = { &frame, 1 }, .waits_for = &lock },
	{ .stack = { NULL, 0 } },
};
static const struct shown_finding finding = {
	.rule = &rule,
	.tier = TIER_PREDICTED,
	.object = &lock,
	.key = "0123456789abcdef",
	.sides = sides,
	.n_sides = 2,
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct suppressions *all = suppressions_new();
	const char *why;
	size_t at = 0;

	if (suppressions_parse(all, "file", (const char *)bytes, size, &why) ==
	    0) {
		suppressions_set_day(all, 20260101);
		suppressions_find(all, &finding);
		while (suppressions_remark(all, &at))
			;
	}
	suppressions_free(all);
	return 0;
}
