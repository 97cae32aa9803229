/* SPDX-License-Identifier: MIT */
/* See names.h. */
#include "names.h"

#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "text.h"

struct names {
	const struct trace_info *info;
	struct symbols *symbols;
	const struct shown_process *process;
	struct arena *mem;
	bool *is_used;		      /* [info->n_objects] */
	struct shown_object *objects; /* [info->n_objects] */
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
		.is_used = arena_alloc(mem, info->n_objects + 1),
		.objects = arena_alloc(
			mem, info->n_objects * sizeof(*names->objects) + 1),
	};
	return names;
}

void names_use(struct names *names, uint32_t object)
{
	if (object && object < names->info->n_objects)
		names->is_used[object] = true;
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

	if (class >= CMSHIM_N_CLASSES || !of_class[class])
		return "object";
	return of_class[class];
}

/* A variable's name, or the place in the program, or the bare address. */
static const char *site_of(struct names *names, const struct object_info *o,
			   const char *what)
{
	struct shown_stack stack = symbols_stack(names->symbols, o->stack);
	const struct shown_frame *frame = shown_stack_program(&stack);
	uint32_t epoch = o->stack < names->info->n_stacks
				 ? names->info->stacks[o->stack].epoch
				 : 0;
	const char *variable =
		symbols_variable(names->symbols, o->address, epoch);

	if (variable)
		return variable;
	if (!frame)
		return arena_printf(names->mem, "%s at 0x%llx", what,
				    (unsigned long long)o->address);
	return arena_printf(names->mem, "%s %s at %s", what,
			    o->kind & CMSHIM_SEEN_INIT ? "made" : "first used",
			    symbols_frame_text(names->mem, frame));
}

static void describe(struct names *names, uint32_t object)
{
	const struct object_info *o = &names->info->objects[object];
	struct shown_object *out = &names->objects[object];

	out->process = names->process;
	out->kind = class_name(o->class);
	out->traits = o->kind;
	out->made = symbols_stack(names->symbols, o->stack);
	if (o->family && o->family < names->info->n_families &&
	    names->info->families[o->family].title)
		out->api = text_clean(names->mem,
				      names->info->families[o->family].title);
	out->site =
		o->name ? text_clean(names->mem, o->name)
			: site_of(names, o, out->api ? out->api : out->kind);
	out->name = out->site;
}

struct sited {
	const char *site;
	uint32_t object;
};

static int compare_sites(const void *a, const void *b)
{
	const struct sited *x = a, *y = b;
	int order = strcmp(x->site, y->site);

	if (order)
		return order;
	return x->object < y->object ? -1 : x->object > y->object;
}

/* A name that the program gave is left as it is. */
static void number_equals(struct names *names, struct sited *all, size_t n)
{
	unsigned number = 1;

	if (n)
		qsort(all, n, sizeof(*all), compare_sites);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(all[i].site, all[i - 1].site) != 0) {
			number = 1;
			continue;
		}
		names->objects[all[i].object].name = arena_printf(
			names->mem, "%s #%u", all[i].site, ++number);
	}
}

void names_give(struct names *names)
{
	struct sited *all = NULL;
	size_t n = 0, room = 0;

	for (uint32_t i = 1; i < names->info->n_objects; i++) {
		if (!names->is_used[i])
			continue;
		describe(names, i);
		if (names->info->objects[i].name)
			continue;
		all = grow(all, &room, n, sizeof(*all));
		all[n++] = (struct sited){ names->objects[i].site, i };
	}
	number_equals(names, all, n);
	free(all);
}

const struct shown_object *names_object(const struct names *names,
					uint32_t object)
{
	if (object == 0 || object >= names->info->n_objects ||
	    !names->is_used[object])
		return NULL;
	return &names->objects[object];
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
