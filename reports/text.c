/* SPDX-License-Identifier: MIT */
/* See text.h.  What a text outgrows stays in the arena: less than its size. */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void make_room(struct text *text, size_t room)
{
	char *bytes;

	if (room <= text->room)
		return;
	room += text->room;
	bytes = arena_alloc(text->mem, room);
	if (text->n)
		memcpy(bytes, text->bytes, text->n);
	text->bytes = bytes;
	text->room = room;
}

void text_add(struct text *text, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length <= 0)
		return;

	make_room(text, text->n + (size_t)length + 1);
	va_start(args, format);
	vsnprintf(text->bytes + text->n, (size_t)length + 1, format, args);
	va_end(args);
	text->n += (size_t)length;
}

const char *text_of(const struct text *text)
{
	return text->bytes ? text->bytes : "";
}

/*
 * Length in bytes of the UTF-8 character that text begins with; 0 if it is
 * none.  After table 3-7 of The Unicode Standard: no surrogates, nothing
 * longer than it has to be.
 */
static size_t character_bytes(const unsigned char *text)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t n;

	if (text[0] < 0x80)
		return 1;
	if (text[0] < 0xc2 || text[0] > 0xf4)
		return 0;
	n = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;

	if (text[0] == 0xe0)
		low = 0xa0;
	else if (text[0] == 0xed)
		high = 0x9f;
	else if (text[0] == 0xf0)
		low = 0x90;
	else if (text[0] == 0xf4)
		high = 0x8f;
	if (text[1] < low || text[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (text[i] < 0x80 || text[i] > 0xbf)
			return 0;
	return n;
}

static bool is_control(const unsigned char *text, size_t n)
{
	if (n == 1)
		return text[0] < 0x20 || text[0] == 0x7f;
	return n == 2 && text[0] == 0xc2 && text[1] < 0xa0;
}

const char *text_clean(struct arena *mem, const char *text)
{
	static const char unknown[] = "\xef\xbf\xbd";
	const unsigned char *at = (const unsigned char *)text;
	/* Each byte may become the three of U+FFFD. */
	char *out = arena_alloc(mem, 3 * strlen(text) + 1);
	size_t n_out = 0;

	while (*at) {
		size_t n = character_bytes(at);

		if (n == 0) {
			memcpy(&out[n_out], unknown, 3);
			n_out += 3;
			at++;
		} else if (is_control(at, n)) {
			out[n_out++] = '?';
			at += n;
		} else {
			memcpy(&out[n_out], at, n);
			n_out += n;
			at += n;
		}
	}
	return out;
}

size_t text_width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

struct unit {
	const char *name;
	double size; /* of the unit before */
};

/* In the first unit in which it is below limit once rounded. */
static struct short_text in_units(double value, double limit,
				  const struct unit *units, size_t n_units)
{
	struct short_text out;
	size_t i = 0;

	while (i + 1 < n_units && value >= limit - 0.5) {
		value /= units[++i].size;
		limit = 1000;
	}
	snprintf(out.text, sizeof(out.text), "%.*f%s",
		 i > 0 && value < 9.95 ? 1 : 0, value, units[i].name);
	return out;
}

struct short_text text_duration(uint64_t ns)
{
	static const struct unit units[] = {
		{ " ns", 1 },
		{ " us", 1000 },
		{ " ms", 1000 },
		{ " s", 1000 },
	};

	return in_units((double)ns, 1000, units,
			sizeof(units) / sizeof(units[0]));
}

struct short_text text_count(uint64_t n)
{
	static const struct unit units[] = {
		{ "", 1 },
		{ " k", 1000 },
		{ " M", 1000 },
		{ " G", 1000 },
	};

	return in_units((double)n, 10000, units,
			sizeof(units) / sizeof(units[0]));
}

struct short_text text_share(uint64_t part, uint64_t whole)
{
	double percent = whole ? 100.0 * (double)part / (double)whole : 0.0;
	struct short_text out;

	if (part == 0)
		snprintf(out.text, sizeof(out.text), "-");
	else if (percent < 0.1)
		snprintf(out.text, sizeof(out.text), "<0.1 %%");
	else
		snprintf(out.text, sizeof(out.text), "%.*f %%",
			 percent < 9.95 ? 1 : 0, percent);
	return out;
}
