/* SPDX-License-Identifier: MIT */
/* See screen.h. */
#include "show/screen.h"

#include <inttypes.h>
#include <string.h>

#include "report/symbols.h"

enum { SHORT_STACK = 6 }; /* frames of the program */

const char *screen_thread(const struct screen *s, const struct shown_thread *t)
{
	if (!t)
		return "unknown thread";
	if (t->name)
		return arena_printf(s->mem, "thread %" PRIu32 " '%s'",
				    t->number, t->name);
	if (t->start && t->start_is_program)
		return arena_printf(s->mem, "thread %" PRIu32 " (%s)",
				    t->number, t->start);
	if (t->number == 1)
		return "main thread";
	return arena_printf(s->mem, "thread %" PRIu32, t->number);
}

const char *screen_object(const struct screen *s,
			  const struct shown_object *object)
{
	if (!s->has_many)
		return object->name;
	return arena_printf(s->mem, "%s [%" PRIu32 "]", object->name,
			    object->process->pid);
}

const char *screen_place(const struct screen *s,
			 const struct shown_stack *stack)
{
	const struct shown_frame *frame = shown_stack_program(stack);

	return frame ? symbols_frame_text(s->mem, frame) : "an unknown place";
}

static void frame_line(const struct screen *s, unsigned indent,
		       const struct shown_frame *frame)
{
	page_print(&s->page, PLAIN, "%*s%s%s\n", (int)indent, "",
		   symbols_frame_text(s->mem, frame),
		   frame->inlined ? " [inlined]" : "");
}

void screen_stack(const struct screen *s, unsigned indent,
		  const struct shown_stack *stack)
{
	bool has_program = false, is_gap = false;
	size_t n = 0;

	if (stack->n_frames == 0)
		page_print(&s->page, DIM, "%*sno stack\n", (int)indent, "");
	for (size_t i = 0; i < stack->n_frames; i++)
		has_program |= stack->frames[i].is_program;

	for (size_t i = 0; i < stack->n_frames; i++) {
		const struct shown_frame *f = &stack->frames[i];

		if (!s->full && has_program && !f->is_program) {
			is_gap = n > 0;
			continue;
		}
		if (!s->full && n == SHORT_STACK) {
			page_print(&s->page, DIM, "%*s...\n", (int)indent, "");
			break;
		}
		if (is_gap)
			page_print(&s->page, DIM, "%*s...\n", (int)indent, "");
		is_gap = false;
		frame_line(s, indent, f);
		n++;
	}
}
