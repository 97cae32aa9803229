/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <stddef.h>
#include <string.h>

struct options options = {
	.output = "cmshim.%e.%p.trace",
	.stacks = true,
	.hold_period = 32,
	.hold_period_most = 256,
	.block_ns = 100 * 1000,
	.max_bytes = (uint64_t)16 << 30,
};

/* A positive decimal number, with K, M or G for powers of 1024 behind it. */
static bool parse_number(const char *text, uint64_t *out)
{
	uint64_t n = 0;
	const char *c;

	for (c = text; *c >= '0' && *c <= '9'; c++) {
		if (n > UINT64_MAX / 20)
			return false;
		n = n * 10 + (uint64_t)(*c - '0');
	}
	if (c == text || n == 0)
		return false;

	unsigned shift = *c == 'K' ? 10 : *c == 'M' ? 20 : *c == 'G' ? 30 : 0;

	if (shift)
		c++;
	if (*c || n > UINT64_MAX >> shift)
		return false;
	*out = n << shift;
	return true;
}

/* A copy: programs write over their environment, to show a title. */
static bool set_output(const char *text)
{
	static char copy[1024];
	size_t n = strlen(text);

	if (n >= sizeof(copy))
		return false;
	memcpy(copy, text, n + 1);
	if (n)
		options.output = copy;
	return true;
}

static bool set_stacks(const char *text)
{
	options.stacks = strcmp(text, "none") != 0;
	return !options.stacks || strcmp(text, "full") == 0;
}

static bool set_stamps(const char *text)
{
	options.all_stamps = strcmp(text, "all") == 0;
	return options.all_stamps || strcmp(text, "sampled") == 0;
}

static bool set_hold_period(const char *text)
{
	uint64_t n;

	if (!parse_number(text, &n) || n > 1 << 20)
		return false;
	options.hold_period = options.hold_period_most = n;
	return true;
}

static bool set_block_us(const char *text)
{
	uint64_t us;

	if (!parse_number(text, &us) || us > UINT64_MAX / 1000)
		return false;
	options.block_ns = us * 1000;
	return true;
}

static bool set_max_size(const char *text)
{
	return parse_number(text, &options.max_bytes);
}

static const struct {
	const char *name;
	bool (*set)(const char *text); /* false: not understood */
} rows[] = {
	{ "CMSHIM_OUTPUT", set_output },
	{ "CMSHIM_STACKS", set_stacks },
	{ "CMSHIM_STAMPS", set_stamps },
	{ "CMSHIM_HOLD_PERIOD", set_hold_period },
	{ "CMSHIM_BLOCK_US", set_block_us },
	{ "CMSHIM_MAX_SIZE", set_max_size },
};

void options_read(char *const *environment, const char **bad)
{
	*bad = NULL;
	for (; environment && *environment; environment++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			size_t n = strlen(rows[i].name);

			if (strncmp(*environment, rows[i].name, n) == 0 &&
			    (*environment)[n] == '=' &&
			    !rows[i].set(*environment + n + 1))
				*bad = rows[i].name;
		}
}
