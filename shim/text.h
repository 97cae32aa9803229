/* SPDX-License-Identifier: MIT */
/*
 * Text in a buffer of fixed size, for names and messages of the recorder,
 * which may not call printf: it locks, allocates and knows locales.
 */
#ifndef SHIM_TEXT_H
#define SHIM_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* What does not fit is cut off; start always ends with NUL. */
struct text {
	char *start;
	size_t n;
	size_t room;
};

static inline struct text text_in(char *buffer, size_t room)
{
	buffer[0] = '\0';
	return (struct text){ .start = buffer, .room = room };
}

static inline void text_add_char(struct text *text, char c)
{
	if (text->n + 1 < text->room) {
		text->start[text->n++] = c;
		text->start[text->n] = '\0';
	}
}

static inline void text_add(struct text *text, const char *words)
{
	while (*words)
		text_add_char(text, *words++);
}

static inline void text_add_number(struct text *text, uint64_t n)
{
	char digits[20];
	size_t i = 0;

	do
		digits[i++] = (char)('0' + n % 10);
	while ((n /= 10));
	while (i)
		text_add_char(text, digits[--i]);
}

#endif
