/* SPDX-License-Identifier: MIT */
/* See suppressions.h. */
#include "report/suppressions.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

enum { FRAMES_LOOKED_AT = 8, MAX_FILE_BYTES = 16 << 20 };

enum what { MAP, LOCK, API, MODULE, THREAD, SIDE, OTHER, TIER, KEY, N_WHATS };

static const char *const whats[N_WHATS] = {
	[MAP] = "map",	     [LOCK] = "lock",	  [API] = "api",
	[MODULE] = "module", [THREAD] = "thread", [SIDE] = "side",
	[OTHER] = "other",   [TIER] = "tier",	  [KEY] = "key",
};

struct selector {
	enum what what;
	const char *glob;
};

struct line {
	const char *file;
	uint32_t number;
	bool is_exception; /* of those below it */
	const char **rules;
	size_t n_rules, room_rules;
	struct selector *selectors;
	size_t n_selectors, room_selectors;
	uint32_t until; /* YYYYMMDD; 0: for ever */
	const char *reason;
	bool is_over;
	uint64_t n_matched;
};

struct suppressions {
	struct arena *mem;
	struct line *lines;
	size_t n, room;
};

struct suppressions *suppressions_new(void)
{
	struct arena *mem = arena_new();
	struct suppressions *all = arena_alloc(mem, sizeof(*all));

	all->mem = mem;
	return all;
}

void suppressions_free(struct suppressions *all)
{
	if (!all)
		return;
	for (size_t i = 0; i < all->n; i++) {
		store_free(all->lines[i].rules);
		store_free(all->lines[i].selectors);
	}
	store_free(all->lines);
	arena_free(all->mem);
}

/* --- Reading --- */

static char *skip_space(char *c)
{
	while (*c == ' ' || *c == '\t')
		c++;
	return c;
}

/* Ends the word at c, which may be in quotes, and moves on behind it.  NULL:
   a quote is not closed. */
static char *next_word(char **c)
{
	char *from = *c, *to = from, *word = from;
	bool is_quoted = false;

	while (*from && (is_quoted || (*from != ' ' && *from != '\t'))) {
		if (*from == '"')
			is_quoted = !is_quoted;
		else
			*to++ = *from;
		from++;
	}
	*c = *from ? from + 1 : from;
	*to = '\0';
	return is_quoted ? NULL : word;
}

static bool is_rule(const char *word)
{
	if (!*word)
		return false;
	for (; *word; word++)
		if (!islower((unsigned char)*word) &&
		    !isdigit((unsigned char)*word) && !strchr("-*?[]", *word))
			return false;
	return true;
}

static const char *add_rules(struct line *line, char *text)
{
	char *rest = NULL;

	for (char *rule = strtok_r(text, ", \t", &rest); rule;
	     rule = strtok_r(NULL, ", \t", &rest)) {
		if (!is_rule(rule))
			return "that is no name of a rule";
		line->rules = grow(line->rules, &line->room_rules,
				   line->n_rules, sizeof(*line->rules));
		line->rules[line->n_rules++] = rule;
	}
	return line->n_rules ? NULL : "a rule is missing";
}

static const char *set_until(struct line *line, const char *value)
{
	unsigned year, month, day;
	int end = 0;

	if (sscanf(value, "%4u-%2u-%2u%n", &year, &month, &day, &end) != 3 ||
	    value[end] || month < 1 || month > 12 || day < 1 || day > 31)
		return "until= takes a day as YYYY-MM-DD";
	line->until = year * 10000 + month * 100 + day;
	return NULL;
}

static bool is_side(const char *value)
{
	if (strcmp(value, "*") == 0)
		return true;
	do {
		if (strncmp(value, "frame:", 6) != 0 || !value[6] ||
		    value[6] == ';')
			return false;
		value = strchr(value, ';');
	} while (value && *++value);
	return true;
}

static const char *add_selector(struct line *line, char *word)
{
	char *value = strchr(word, '=');
	int what = 0;

	if (!value)
		return "a selector is NAME=GLOB";
	*value++ = '\0';
	if (strcmp(word, "until") == 0)
		return set_until(line, value);
	if (strcmp(word, "reason") == 0) {
		line->reason = value;
		return NULL;
	}
	while (what < N_WHATS && strcmp(whats[what], word) != 0)
		what++;
	if (what == N_WHATS)
		return "there is no such selector";
	if (!*value)
		return "the selector's value is missing";
	if ((what == SIDE || what == OTHER) && !is_side(value))
		return "a side is * or frame:GLOB";
	line->selectors = grow(line->selectors, &line->room_selectors,
			       line->n_selectors, sizeof(*line->selectors));
	line->selectors[line->n_selectors++] =
		(struct selector){ .what = (enum what)what, .glob = value };
	return NULL;
}

/* What is wrong with the line, or NULL. */
static const char *parse_line(struct line *line, char *text)
{
	char *colon, *c;
	const char *wrong;

	if (*text == '!') {
		line->is_exception = true;
		if (strchr(text, ':'))
			return "after ! there are only rules";
		return add_rules(line, text + 1);
	}
	colon = strchr(text, ':');
	if (!colon)
		return "a ':' after the rules is missing";
	*colon = '\0';
	wrong = add_rules(line, text);
	for (c = skip_space(colon + 1); !wrong && *c && *c != '#';
	     c = skip_space(c)) {
		char *word = next_word(&c);

		wrong = word ? add_selector(line, word)
			     : "a quote is not closed";
	}
	if (!wrong && !line->n_selectors)
		wrong = "a selector is missing: a whole rule is map=* or lock=*";
	return wrong;
}

static void cut_end(char *text)
{
	size_t n = strlen(text);

	while (n && isspace((unsigned char)text[n - 1]))
		text[--n] = '\0';
}

int suppressions_parse(struct suppressions *all, const char *name,
		       const char *text, size_t n, const char **why)
{
	char *copy = arena_alloc(all->mem, n + 1);
	const char *file = arena_strdup(all->mem, name);
	uint32_t number = 0;
	char *next;

	if (n)
		memcpy(copy, text, n);
	if (memchr(text, '\0', n)) {
		*why = "it is no text";
		return -EINVAL;
	}
	for (char *at = copy; at; at = next) {
		struct line line = { .file = file, .number = ++number };
		const char *wrong;

		next = strchr(at, '\n');
		if (next)
			*next++ = '\0';
		cut_end(at);
		at = skip_space(at);
		if (!*at || *at == '#')
			continue;
		wrong = parse_line(&line, at);
		all->lines = grow(all->lines, &all->room, all->n,
				  sizeof(*all->lines));
		all->lines[all->n++] = line;
		if (wrong) {
			*why = arena_printf(all->mem, "line %u: %s", number,
					    wrong);
			return -EINVAL;
		}
	}
	return 0;
}

int suppressions_read(struct suppressions *all, const char *path,
		      const char **why)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t n = 0, room = 0, got = 0;
	int result = f ? 0 : -errno;

	while (f && n <= MAX_FILE_BYTES) {
		if (room - n < 4096)
			text = grow(text, &room, n + 4096, 1);
		got = fread(text + n, 1, room - n, f);
		n += got;
		if (!got)
			break;
	}
	if (f && ferror(f))
		result = -errno;
	else if (n > MAX_FILE_BYTES)
		result = -EFBIG;
	if (f)
		fclose(f);
	if (result < 0)
		*why = strerror(-result);
	else
		result = suppressions_parse(all, path, n ? text : "", n, why);
	store_free(text);
	return result;
}

/* --- Matching --- */

static bool fits(const char *glob, const char *name)
{
	return name && fnmatch(glob, name, 0) == 0;
}

static bool rule_fits(const struct line *line, const struct shown_finding *f)
{
	for (size_t i = 0; i < line->n_rules; i++)
		if (f->tier == TIER_OVERLAP && !line->is_exception
			    ? strcmp(line->rules[i], f->rule->id) == 0
			    : fits(line->rules[i], f->rule->id))
			return true;
	return false;
}

static bool is_map(const struct shown_object *object)
{
	return object && strcmp(object->kind, "map") == 0;
}

static bool lock_fits(const char *glob, const struct shown_object *object)
{
	return object && !is_map(object) && fits(glob, object->name);
}

static bool some_lock_fits(const char *glob, const struct shown_finding *f)
{
	if (lock_fits(glob, f->object))
		return true;
	for (size_t i = 0; i < f->n_sides; i++) {
		const struct shown_side *side = &f->sides[i];

		if (lock_fits(glob, side->waits_for))
			return true;
		for (size_t k = 0; k < side->n_held; k++)
			if (lock_fits(glob, side->held[k].lock))
				return true;
	}
	return false;
}

static bool module_fits(const char *glob, const struct shown_finding *f)
{
	for (size_t i = 0; i < f->n_sides; i++)
		for (size_t k = 0; k < f->sides[i].stack.n_frames; k++) {
			const char *path = f->sides[i].stack.frames[k].module;
			const char *slash = path ? strrchr(path, '/') : NULL;

			if (fits(glob, path) ||
			    (slash && fits(glob, slash + 1)))
				return true;
		}
	return false;
}

static bool thread_fits(const char *glob, const struct shown_finding *f)
{
	for (size_t i = 0; i < f->n_sides; i++)
		if (f->sides[i].thread && fits(glob, f->sides[i].thread->name))
			return true;
	return false;
}

/* One of the innermost frames; the glob ends at a ';'. */
static bool frame_fits(const char *glob, size_t n,
		       const struct shown_side *side)
{
	char one[512];

	if (n >= sizeof(one))
		return false;
	memcpy(one, glob, n);
	one[n] = '\0';
	for (size_t i = 0; i < side->stack.n_frames && i < FRAMES_LOOKED_AT;
	     i++)
		if (fits(one, side->stack.frames[i].function))
			return true;
	return false;
}

static bool side_fits(const char *value, const struct shown_side *side)
{
	if (strcmp(value, "*") == 0)
		return true;
	for (const char *at = value; at && *at;) {
		const char *glob = at + strlen("frame:");
		size_t n = strcspn(glob, ";");

		if (!frame_fits(glob, n, side))
			return false;
		at = glob[n] ? glob + n + 1 : NULL;
	}
	return true;
}

static const char *value_of(const struct line *line, enum what what)
{
	for (size_t i = 0; i < line->n_selectors; i++)
		if (line->selectors[i].what == what)
			return line->selectors[i].glob;
	return NULL;
}

/* Two different sides, one for each of side= and other=. */
static bool sides_fit(const struct line *line, const struct shown_finding *f)
{
	const char *one = value_of(line, SIDE), *other = value_of(line, OTHER);

	for (size_t i = 0; one && i < f->n_sides; i++) {
		if (!side_fits(one, &f->sides[i]))
			continue;
		if (!other)
			return true;
		for (size_t k = 0; k < f->n_sides; k++)
			if (k != i && side_fits(other, &f->sides[k]))
				return true;
	}
	for (size_t i = 0; !one && other && i < f->n_sides; i++)
		if (side_fits(other, &f->sides[i]))
			return true;
	return !one && !other;
}

static bool selector_fits(const struct selector *s,
			  const struct shown_finding *f)
{
	switch (s->what) {
	case MAP:
		return is_map(f->object) && fits(s->glob, f->object->name);
	case LOCK:
		return some_lock_fits(s->glob, f);
	case API:
		return f->object && fits(s->glob, f->object->api);
	case MODULE:
		return module_fits(s->glob, f);
	case THREAD:
		return thread_fits(s->glob, f);
	case TIER:
		return fits(s->glob, tier_name(f->tier));
	case KEY:
		return fits(s->glob, f->key);
	default:
		return true;
	}
}

static bool line_fits(const struct line *line, const struct shown_finding *f)
{
	if (!rule_fits(line, f))
		return false;
	for (size_t i = 0; i < line->n_selectors; i++)
		if (!selector_fits(&line->selectors[i], f))
			return false;
	return sides_fit(line, f);
}

const char *suppressions_find(struct suppressions *all,
			      const struct shown_finding *f)
{
	for (size_t i = 0; i < all->n; i++) {
		struct line *line = &all->lines[i];

		if (line->is_over || !line_fits(line, f))
			continue;
		if (line->is_exception)
			return NULL;
		line->n_matched++;
		return arena_printf(all->mem, "%s:%u%s%s", line->file,
				    line->number, line->reason ? ": " : "",
				    line->reason ? line->reason : "");
	}
	return NULL;
}

void suppressions_set_day(struct suppressions *all, uint32_t today)
{
	for (size_t i = 0; i < all->n; i++)
		all->lines[i].is_over =
			all->lines[i].until && all->lines[i].until < today;
}

const char *suppressions_remark(struct suppressions *all, size_t *at)
{
	while (*at < all->n) {
		const struct line *line = &all->lines[(*at)++];

		if (line->is_exception || (line->n_matched && !line->is_over))
			continue;
		return arena_printf(all->mem, "%s:%u: the suppression %s",
				    line->file, line->number,
				    line->is_over ? "is over (until=)"
						  : "matches nothing");
	}
	return NULL;
}
