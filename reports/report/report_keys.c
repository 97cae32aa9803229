/* SPDX-License-Identifier: MIT */
/*
 * What tells findings apart: within a report, so that equal ones become one,
 * and between runs, so that a suppression or a tracker knows one again.
 */
#include "hash.h"
#include "report/report_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static void add_stack(struct text *out, const struct shown_stack *stack)
{
	for (size_t i = 0; i < stack->n_frames; i++) {
		const struct shown_frame *f = &stack->frames[i];

		if (!f->inlined)
			text_add(out, " %s+%" PRIx64,
				 f->module ? f->module : "", f->offset);
	}
}

static void add_side(struct text *out, const struct shown_side *side)
{
	text_add(out, "|%s|%s|%s|", side->role,
		 side->operation ? side->operation : "",
		 side->waits_for ? side->waits_for->site : "");
	add_stack(out, &side->stack);
	for (size_t i = 0; i < side->n_held; i++)
		text_add(out, "|%s%s", side->held[i].lock->site,
			 side->held[i].shared ? " (shared)" : "");
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/*
 * Equal for findings that differ only in which of the objects made at one
 * place they are about, in their numbers, and in which side came first.
 */
static const char *finding_key(struct report *report,
			       const struct shown_finding *f)
{
	const char **sides =
		arena_alloc(report->mem, f->n_sides * sizeof(*sides) + 1);
	struct text key = { .mem = report->mem };

	for (size_t i = 0; i < f->n_sides; i++) {
		struct text side = { .mem = report->mem };

		add_side(&side, &f->sides[i]);
		sides[i] = text_of(&side);
	}
	if (f->n_sides)
		qsort(sides, f->n_sides, sizeof(*sides), compare_texts);

	text_add(&key, "%s|%u|%s", f->rule->id, (unsigned)f->process->pid,
		 f->object ? f->object->site : "");
	for (size_t i = 0; i < f->n_sides; i++)
		text_add(&key, "%s", sides[i]);
	return text_of(&key);
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	return hash_bytes(hash, text, strlen(text));
}

/* Without the lines, which change with every edit: "made at main (a.c:31)". */
static uint64_t hash_site(uint64_t hash, const struct shown_object *object)
{
	const char *site = object ? object->site : "";

	return hash_bytes(hash, site, strcspn(site, "("));
}

#define KEY_FRAMES 4 /* of the program, the innermost */

static uint64_t hash_side(const struct shown_side *side)
{
	uint64_t hash = hash_site(hash_text(0, side->role), side->waits_for);
	size_t n = 0;

	for (size_t i = 0; i < side->stack.n_frames && n < KEY_FRAMES; i++) {
		const struct shown_frame *f = &side->stack.frames[i];
		const char *slash = f->module ? strrchr(f->module, '/') : NULL;

		if (!f->is_program)
			continue;
		n++;
		hash = hash_text(hash, slash ? slash + 1 : "");
		if (f->function)
			hash = hash_text(hash, f->function);
		else
			hash = hash_number(hash, f->offset);
	}
	return hash;
}

/* The same for the same mistake in another run, whichever side came first. */
static const char *public_key(struct report *report,
			      const struct shown_finding *f)
{
	uint64_t hash = hash_text(HASH_BEGIN, f->rule->id);
	uint64_t sum = 0;

	for (size_t i = 0; i < f->n_sides; i++)
		sum += hash_side(&f->sides[i]);
	hash = hash_site(hash, f->object) ^ sum;
	return arena_printf(report->mem, "%016" PRIx64, hash);
}

static const char *finding_detail(struct report *report,
				  const struct shown_finding *f)
{
	struct text detail = { .mem = report->mem };

	text_add(&detail, "%s", f->message);
	for (size_t i = 0; i < f->n_sides; i++) {
		const struct shown_thread *thread = f->sides[i].thread;

		text_add(&detail, "|%u|%" PRIu64,
			 thread ? (unsigned)thread->number : 0,
			 f->sides[i].write_number);
	}
	return text_of(&detail);
}

void report_give_keys(struct report *report, struct named_finding *f)
{
	f->shown.key = public_key(report, &f->shown);
	f->key = finding_key(report, &f->shown);
	f->detail = finding_detail(report, &f->shown);
}
