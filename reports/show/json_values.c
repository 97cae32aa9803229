/* SPDX-License-Identifier: MIT */
/* See json_parts.h. */
#include "show/json_parts.h"

/* jansson leaves out what there was no memory for. */
static bool is_incomplete;

void values_begin(void)
{
	is_incomplete = false;
}

bool values_are_complete(void)
{
	return !is_incomplete;
}

void value_set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		is_incomplete = true;
}

void value_append(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value))
		is_incomplete = true;
}

json_t *value_text(const char *value)
{
	return value ? json_string(value) : json_null();
}

json_t *value_number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

json_t *value_number_or_null(uint64_t value)
{
	return value ? value_number(value) : json_null();
}

json_t *value_object_name(const struct shown_object *object)
{
	return object ? json_string(object->name) : json_null();
}

json_t *value_thread(const struct shown_thread *t)
{
	json_t *out;

	if (!t)
		return json_null();
	out = json_object();
	value_set(out, "number", value_number(t->number));
	value_set(out, "tid", value_number_or_null(t->kernel_id));
	value_set(out, "name", value_text(t->name));
	value_set(out, "start", value_text(t->start));
	return out;
}

json_t *value_stack(const struct shown_stack *stack)
{
	json_t *list = json_array();

	for (size_t i = 0; i < stack->n_frames; i++) {
		const struct shown_frame *f = &stack->frames[i];
		json_t *frame = json_object();

		value_set(frame, "module", value_text(f->module));
		value_set(frame, "build_id", value_text(f->build_id));
		value_set(frame, "offset", value_number(f->offset));
		value_set(frame, "function", value_text(f->function));
		value_set(frame, "file", value_text(f->file));
		value_set(frame, "line", value_number_or_null(f->line));
		value_set(frame, "inlined", json_boolean(f->inlined));
		value_append(list, frame);
	}
	return list;
}
