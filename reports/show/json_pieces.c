/* SPDX-License-Identifier: MIT */
/*
 * See json_parts.h.  A value is written as jansson writes it at the outermost
 * level, with spaces put after each of its line ends: there are none in
 * strings.
 */
#include <string.h>

#include "show/json_parts.h"

enum { INDENT = 2 }; /* and depth is 2 at the most */

struct nesting {
	struct pieces *p;
	int depth;
};

static void put(struct pieces *p, const char *text, size_t n)
{
	p->has_failed |= fwrite(text, 1, n, p->out) != n;
}

static void new_line(struct pieces *p, int depth)
{
	static const char text[] = "\n    ";

	put(p, text, 1 + (size_t)depth * INDENT);
}

static int put_inside(const char *text, size_t n, void *to)
{
	const struct nesting *level = to;
	const char *end = text + n, *line;

	while ((line = memchr(text, '\n', (size_t)(end - text)))) {
		put(level->p, text, (size_t)(line - text));
		new_line(level->p, level->depth);
		text = line + 1;
	}
	put(level->p, text, (size_t)(end - text));
	return level->p->has_failed ? -1 : 0;
}

static void put_value(struct pieces *p, int depth, json_t *value)
{
	struct nesting level = { .p = p, .depth = depth };

	p->has_failed |= json_dump_callback(value, put_inside, &level,
					    JSON_INDENT(INDENT) |
						    JSON_REAL_PRECISION(6) |
						    JSON_ENCODE_ANY) != 0;
	json_decref(value);
}

static void put_key(struct pieces *p, const char *key)
{
	if (p->has_members)
		put(p, ",", 1);
	p->has_members = true;
	new_line(p, 1);
	p->has_failed |= fprintf(p->out, "\"%s\": ", key) < 0;
}

void pieces_begin(struct pieces *p)
{
	put(p, "{", 1);
}

void pieces_end(struct pieces *p)
{
	put(p, "\n}\n", 3);
}

void pieces_value(struct pieces *p, const char *key, json_t *value)
{
	put_key(p, key);
	put_value(p, 1, value);
}

void pieces_list(struct pieces *p, const char *key, size_t n,
		 json_t *(*element)(const struct document *doc, size_t i))
{
	put_key(p, key);
	put(p, "[", 1);
	for (size_t i = 0; i < n && !p->has_failed; i++) {
		if (i)
			put(p, ",", 1);
		new_line(p, 2);
		put_value(p, 2, element(p->doc, i));
	}
	if (n)
		new_line(p, 1);
	put(p, "]", 1);
}
