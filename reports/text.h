/* SPDX-License-Identifier: MIT */
/*
 * Texts: made piece by piece, made harmless, and numbers for people.
 *
 *	struct text text = { .mem = mem };
 *
 *	text_add(&text, "%u of %u", a, b);
 *	use(text_of(&text));
 */
#ifndef REPORTS_TEXT_H
#define REPORTS_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "store.h"

struct text {
	struct arena *mem;
	char *bytes; /* NULL: nothing was added yet */
	size_t n, room;
};

void text_add(struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Never NULL. */
const char *text_of(const struct text *text);

/*
 * A copy that any output can take: one line of valid UTF-8.  Bytes that are
 * none become U+FFFD, control characters (a name may hold a terminal's escape
 * sequence) question marks.
 */
const char *text_clean(struct arena *mem, const char *text);

/* Characters, which in what this project prints is columns. */
size_t text_width(const char *text);

/* A number and its unit, returned by value. */
struct short_text {
	char text[24];
};

/* "850 ns", "1.2 ms", "35 s": a decimal below ten of a unit. */
struct short_text text_duration(uint64_t ns);

/* "9999", "12 k", "1.2 M" */
struct short_text text_count(uint64_t n);

/* "12 %", "0.3 %", "<0.1 %"; of 0 "-" */
struct short_text text_share(uint64_t part, uint64_t whole);

#endif
