/* SPDX-License-Identifier: MIT */
/* See names.h. */
#include "report/names.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "store.h"
#include "text.h"

enum use { UNUSED, COUNTED, SHOWN };

struct site_name {
	const char *text;
	uint64_t n; /* objects that have it, so far */
};

struct names {
	const struct trace_info *info;
	struct symbols *symbols;
	const struct shown_process *process;
	struct arena *mem;
	uint8_t *uses; /* enum use [info->n_objects] */
	struct shown_object *objects;
	uint32_t *numbers; /* of the objects, ascending */
	size_t n_objects;

	struct site_name *sites; /* from 1 */
	size_t n_sites, room_sites;
	struct table *by_text;	/* (hash, n-th of that hash): site */
	struct table *by_stack; /* of those named by where they were made */
};

struct names *names_new(const struct trace_info *info, struct symbols *symbols,
			const struct shown_process *process, struct arena *mem)
{
	struct names *names = arena_alloc(mem, sizeof(*names));

	*names = (struct names){
		.info = info,
		.symbols = symbols,
		.process = process,
		.mem = mem,
		.uses = arena_alloc(mem, info->n_objects + 1),
		.n_sites = 1,
		.by_text = table_new(),
		.by_stack = table_new(),
	};
	return names;
}

void names_free(struct names *names)
{
	store_free(names->sites);
	table_free(names->by_text);
	table_free(names->by_stack);
}

void names_use(struct names *names, uint32_t object)
{
	if (object && object < names->info->n_objects)
		names->uses[object] = SHOWN;
}

void names_count(struct names *names, uint32_t object)
{
	if (object && object < names->info->n_objects &&
	    names->uses[object] == UNUSED)
		names->uses[object] = COUNTED;
}

static const char *class_name(uint32_t class)
{
	static const char *const of_class[CMSHIM_N_CLASSES] = {
		[CMSHIM_MUTEX] = "mutex",
		[CMSHIM_RWLOCK] = "rwlock",
		[CMSHIM_CONDITION] = "condition",
		[CMSHIM_SEMAPHORE] = "semaphore",
		[CMSHIM_BARRIER] = "barrier",
		[CMSHIM_SPINLOCK] = "spinlock",
		[CMSHIM_ONCE] = "once",
		[CMSHIM_MAP] = "map",
		[CMSHIM_FUTEX] = "futex",
		[CMSHIM_CHANNEL] = "channel",
	};

	return of_class[class] ? of_class[class] : "object";
}

/* The number of the site of that text, which may be given up for its twin. */
static uint32_t site_number(struct names *names, const char *text)
{
	uint64_t hash = hash_bytes(HASH_BEGIN, text, strlen(text));

	for (uint64_t i = 0;; i++) {
		uint64_t *at = table_at(names->by_text, hash, i);

		if (*at && strcmp(names->sites[*at].text, text) == 0)
			return (uint32_t)*at;
		if (*at)
			continue;
		names->sites = grow(names->sites, &names->room_sites,
				    names->n_sites, sizeof(*names->sites));
		names->sites[names->n_sites] = (struct site_name){ text, 0 };
		*at = names->n_sites++;
		return (uint32_t)*at;
	}
}

static const char *api_of(const struct names *names,
			  const struct object_info *o)
{
	if (!o->family || o->family >= names->info->n_families ||
	    !names->info->families[o->family].title)
		return NULL;
	return text_clean(names->mem, names->info->families[o->family].title);
}

/* Where in the program it was made; NULL: that is not known. */
static const char *place_text(struct names *names, const struct object_info *o)
{
	struct shown_stack stack = symbols_stack(names->symbols, o->stack);
	const struct shown_frame *frame = shown_stack_program(&stack);
	const char *api = api_of(names, o);

	if (!frame)
		return NULL;
	return arena_printf(names->mem, "%s %s at %s",
			    api ? api : class_name(o->class),
			    o->kind & CMSHIM_SEEN_INIT ? "made" : "first used",
			    symbols_frame_text(names->mem, frame));
}

/* The site of what has no name of its own; 0: its place is not known.  Many
   are made at one place. */
static uint32_t place_of(struct names *names, const struct object_info *o)
{
	bool is_made = o->kind & CMSHIM_SEEN_INIT;
	uint64_t *at =
		table_at(names->by_stack, (uint64_t)o->stack << 1 | is_made,
			 (uint64_t)o->family << 32 | o->class);
	const char *text;

	if (*at)
		return (uint32_t)(*at - 1);
	text = place_text(names, o);
	*at = (text ? site_number(names, text) : 0) + 1;
	return (uint32_t)(*at - 1);
}

/* A variable's name, or the place in the program, or the bare address. */
static uint32_t site_of(struct names *names, const struct object_info *o)
{
	uint32_t epoch = o->stack < names->info->n_stacks
				 ? names->info->stacks[o->stack].epoch
				 : 0;
	const char *variable =
		symbols_variable(names->symbols, o->address, epoch);
	const char *api;
	uint32_t place;

	if (variable)
		return site_number(names, variable);
	place = place_of(names, o);
	if (place)
		return place;
	api = api_of(names, o);
	return site_number(names, arena_printf(names->mem, "%s at 0x%llx",
					       api ? api : class_name(o->class),
					       (unsigned long long)o->address));
}

static struct shown_object described(struct names *names,
				     const struct object_info *o)
{
	return (struct shown_object){
		.process = names->process,
		.kind = class_name(o->class),
		.api = api_of(names, o),
		.traits = o->kind,
		.made = symbols_stack(names->symbols, o->stack),
	};
}

/* A name that the program gave is left as it is; of others the second of a
   site and those after it are numbered. */
static void give(struct names *names, uint32_t object, struct shown_object *out)
{
	const struct object_info *o = &names->info->objects[object];
	struct site_name *site = NULL;

	if (!o->name) {
		uint32_t number = site_of(names, o);

		site = &names->sites[number];
		site->n++;
	}
	if (!out)
		return;
	*out = described(names, o);
	out->site = site ? site->text : text_clean(names->mem, o->name);
	out->name = out->site;
	if (site && site->n > 1)
		out->name = arena_printf(names->mem, "%s #%llu", site->text,
					 (unsigned long long)site->n);
}

void names_give(struct names *names)
{
	const struct trace_info *info = names->info;
	size_t n = 0;

	for (uint32_t i = 1; i < info->n_objects; i++)
		n += names->uses[i] == SHOWN;
	names->objects =
		arena_alloc(names->mem, n * sizeof(*names->objects) + 1);
	names->numbers =
		arena_alloc(names->mem, n * sizeof(*names->numbers) + 1);
	for (uint32_t i = 1; i < info->n_objects; i++) {
		if (names->uses[i] == UNUSED)
			continue;
		if (names->uses[i] == COUNTED) {
			give(names, i, NULL);
			continue;
		}
		names->numbers[names->n_objects] = i;
		give(names, i, &names->objects[names->n_objects++]);
	}
}

static int compare_numbers(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

const struct shown_object *names_object(const struct names *names,
					uint32_t object)
{
	const uint32_t *at;

	if (object == 0 || object >= names->info->n_objects ||
	    names->uses[object] != SHOWN)
		return NULL;
	at = bsearch(&object, names->numbers, names->n_objects, sizeof(*at),
		     compare_numbers);
	return &names->objects[at - names->numbers];
}

struct shown_object names_place(struct names *names, uint32_t object)
{
	const struct object_info *o = &names->info->objects[object];
	struct shown_object out = described(names, o);
	uint32_t place = place_of(names, o);

	out.site = place     ? names->sites[place].text
		   : out.api ? out.api
			     : out.kind;
	out.name = out.site;
	return out;
}

const struct shown_thread *names_threads(struct names *names)
{
	const struct trace_info *info = names->info;
	struct shown_thread *all =
		arena_alloc(names->mem, info->n_threads * sizeof(*all) + 1);

	for (uint32_t i = 1; i < info->n_threads; i++) {
		const struct thread_info *t = &info->threads[i];

		all[i - 1] = (struct shown_thread){
			.process = names->process,
			.number = t->number,
			.kernel_id = t->kernel_id,
			.parent = t->parent && t->parent < info->n_threads
					  ? info->threads[t->parent].number
					  : 0,
			.name = t->name ? text_clean(names->mem, t->name)
					: NULL,
			.created =
				symbols_stack(names->symbols, t->create_stack),
		};
		all[i - 1].start = symbols_function(
			names->symbols, t->start_routine, t->epoch,
			&all[i - 1].start_is_program);
	}
	return all;
}
