/* SPDX-License-Identifier: MIT */
/* See std.h. */
#include "std/std.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store.h"

struct text {
	const char *at;
	size_t n;
};

/* Names to numbers: open addressing, a power of two of places.  The hash is
   seeded, as store.c's is and for its reason. */
struct names {
	struct name {
		struct text text; /* .at NULL: free */
		uint32_t number;
	} * places;
	size_t n_places;
	uint64_t seed;
	uint32_t n;
};

struct reader {
	struct names threads, locks, vars;
	struct std_trace *out;
	size_t room;
};

static const struct {
	const char *word;
	enum std_op op;
} ops[] = {
	{ "r", STD_READ },	{ "w", STD_WRITE },	{ "acq", STD_ACQUIRE },
	{ "req", STD_REQUEST }, { "rel", STD_RELEASE }, { "fork", STD_FORK },
	{ "join", STD_JOIN },
};

#define N_OPS (sizeof(ops) / sizeof(ops[0]))

static struct name *place_of(const struct names *names, struct text text)
{
	uint64_t hash = names->seed; /* FNV-1a, but for this */
	size_t i;

	for (i = 0; i < text.n; i++)
		hash = (hash ^ (unsigned char)text.at[i]) * 1099511628211u;
	hash ^= hash >> 32;

	for (i = hash & (names->n_places - 1); names->places[i].text.at;
	     i = (i + 1) & (names->n_places - 1))
		if (names->places[i].text.n == text.n &&
		    memcmp(names->places[i].text.at, text.at, text.n) == 0)
			break;
	return &names->places[i];
}

static void make_room(struct names *names)
{
	struct names larger = { .n = names->n, .seed = names->seed };

	larger.n_places = names->n_places ? names->n_places * 2 : 64;
	larger.places = zeroed(larger.n_places, sizeof(*larger.places));
	for (size_t i = 0; i < names->n_places; i++)
		if (names->places[i].text.at)
			*place_of(&larger, names->places[i].text) =
				names->places[i];
	store_free(names->places);
	*names = larger;
}

static uint32_t number_of(struct names *names, struct text text)
{
	struct name *place;

	if (!names->places && getentropy(&names->seed, sizeof(names->seed)) < 0)
		names->seed = 1469598103934665603u;
	if (names->n >= names->n_places / 2)
		make_room(names);
	place = place_of(names, text);
	if (!place->text.at)
		*place = (struct name){ text, names->n++ };
	return place->number;
}

static bool is_name(struct text text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (c <= ' ' || c == 0x7f)
			return false;
	}
	return text.n > 0;
}

/* Takes what stands before the first `end` off the text, and that too. */
static bool cut(struct text *text, char end, struct text *before)
{
	const char *found = memchr(text->at, end, text->n);

	if (!found)
		return false;
	*before = (struct text){ text->at, (size_t)(found - text->at) };
	text->n -= before->n + 1;
	text->at = found + 1;
	return true;
}

static bool find_op(struct text word, enum std_op *op)
{
	for (size_t i = 0; i < N_OPS; i++)
		if (strlen(ops[i].word) == word.n &&
		    memcmp(ops[i].word, word.at, word.n) == 0) {
			*op = ops[i].op;
			return true;
		}
	return false;
}

static struct names *names_for(struct reader *reader, enum std_op op)
{
	switch (op) {
	case STD_READ:
	case STD_WRITE:
		return &reader->vars;
	case STD_FORK:
	case STD_JOIN:
		return &reader->threads;
	default:
		return &reader->locks;
	}
}

/* Returns what is wrong with the line, or NULL. */
static const char *read_line(struct reader *reader, struct text line)
{
	struct std_trace *out = reader->out;
	struct text thread, what, word;
	struct std_event ev = { 0 };
	enum std_op op;

	if (!cut(&line, '|', &thread) || !cut(&line, '|', &what) ||
	    memchr(line.at, '|', line.n) || !cut(&what, '(', &word) ||
	    what.n == 0 || what.at[what.n - 1] != ')')
		return "it is not like T1|acq(L2)|17";
	what.n--;
	if (!is_name(thread) || !is_name(what))
		return "a name is empty, or has blanks in it";
	if (!find_op(word, &op))
		return "what is done is none of r, w, acq, req, rel, fork, "
		       "join";

	ev.op = (uint8_t)op;
	ev.thread = number_of(&reader->threads, thread);
	ev.object = number_of(names_for(reader, op), what);
	if (reader->threads.n > STD_MAX_THREADS)
		return "there are more than 16384 threads";
	if (out->n_events == UINT32_MAX - 1)
		return "there are more than 4294967294 events";
	out->events = grow(out->events, &reader->room, out->n_events,
			   sizeof(*out->events));
	out->events[out->n_events++] = ev;
	return NULL;
}

int std_read_memory(struct std_trace *out, const char *text, size_t size)
{
	struct reader reader = { .out = out };
	struct text rest = { text, size };
	size_t n_lines = 0;

	*out = (struct std_trace){ 0 };
	while (rest.n > 0 && !out->fault) {
		struct text line = rest;

		n_lines++;
		if (!cut(&rest, '\n', &line))
			rest.n = 0;
		if (line.n > 0 && line.at[line.n - 1] == '\r')
			line.n--;
		if (line.n > 0)
			out->fault = read_line(&reader, line);
	}
	out->n_threads = reader.threads.n;
	out->n_locks = reader.locks.n;
	out->n_vars = reader.vars.n;
	store_free(reader.threads.places);
	store_free(reader.locks.places);
	store_free(reader.vars.places);
	if (!out->fault)
		return 0;

	out->fault_line = n_lines;
	std_release(out);
	return -EINVAL;
}

/* Also from what is no plain file, and whose size is not known before. */
static int read_all(int fd, char **bytes, size_t *size)
{
	size_t room = 0;
	ssize_t n;

	*bytes = NULL;
	*size = 0;
	do {
		*bytes = grow(*bytes, &room, *size + 65535, 1);
		n = read(fd, *bytes + *size, room - *size);
		if (n > 0)
			*size += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -errno : 0;
}

int std_read(struct std_trace *out, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *bytes = NULL;
	size_t size = 0;
	int result = fd < 0 ? -errno : read_all(fd, &bytes, &size);

	if (fd >= 0)
		close(fd);
	if (result == 0)
		result = std_read_memory(out, bytes, size);
	else
		*out = (struct std_trace){ .fault = strerror(-result) };
	store_free(bytes);
	return result;
}

void std_release(struct std_trace *trace)
{
	store_free(trace->events);
	trace->events = NULL;
	trace->n_events = 0;
}
