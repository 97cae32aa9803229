/* SPDX-License-Identifier: MIT */
/*
 * The inside of the JSON renderer: values that jansson may have no memory
 * for, and parts of the document.
 */
#ifndef REPORTS_JSON_PARTS_H
#define REPORTS_JSON_PARTS_H

#include <jansson.h>
#include <stdio.h>

#include "report/report_view.h"

/* From the one to the other: whether there was memory for all of it. */
void values_begin(void);
bool values_are_complete(void);

void value_set(json_t *object, const char *key, json_t *value);
void value_append(json_t *list, json_t *value);

json_t *value_text(const char *value); /* NULL: null */
json_t *value_number(uint64_t value);
json_t *value_number_or_null(uint64_t value); /* 0: null */
json_t *value_object_name(const struct shown_object *object);
json_t *value_stack(const struct shown_stack *stack);
json_t *value_thread(const struct shown_thread *thread);

/*
 * An object that is written while it is made, as json_dumpf() with
 * JSON_INDENT(2) would write the whole.
 */
struct pieces {
	const struct document *doc;
	FILE *out;
	bool has_members, has_failed;
};

void pieces_begin(struct pieces *p);
void pieces_end(struct pieces *p);

void pieces_value(struct pieces *p, const char *key, json_t *value);

/* A list of n; element() makes number i. */
void pieces_list(struct pieces *p, const char *key, size_t n,
		 json_t *(*element)(const struct document *doc, size_t i));

/* Of what is not in the lists, by place, number i. */
json_t *json_lock_sum(const struct document *doc, size_t i);
json_t *json_map_sum(const struct document *doc, size_t i);

/* What replays of the run say. */
json_t *json_replays(const struct document *doc);

#endif
