/* SPDX-License-Identifier: MIT */
/*
 * trace_events TRACE OP...
 *
 * Prints the events of these operations, thread by thread, a line each:
 *
 *	THREAD OP WHAT...
 *
 * WHAT is what tells events of the op apart and is the same in each run:
 * objects are numbered within their class as they come (futex#1), signals and
 * error codes are numbers, calls have names.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/trace.h"

static const char *op_name(unsigned op)
{
	switch (op) {
#define X(name, number, fields, numbered, text) \
	case number:                            \
		return #name;
		CMSHIM_OPS(X)
#undef X
	}
	return "?";
}

static const char *class_name(uint32_t class)
{
	static const char *const names[CMSHIM_N_CLASSES] = {
		[CMSHIM_MUTEX] = "mutex",	  [CMSHIM_RWLOCK] = "rwlock",
		[CMSHIM_CONDITION] = "condition", [CMSHIM_SEMAPHORE] = "sem",
		[CMSHIM_BARRIER] = "barrier",	  [CMSHIM_SPINLOCK] = "spin",
		[CMSHIM_ONCE] = "once",		  [CMSHIM_MAP] = "map",
		[CMSHIM_FUTEX] = "futex",	  [CMSHIM_CHANNEL] = "channel",
	};

	return class < CMSHIM_N_CLASSES && names[class] ? names[class] : "none";
}

static bool is_wanted(unsigned op, char **ops)
{
	while (*ops && strcmp(*ops, op_name(op)) != 0)
		ops++;
	return *ops != NULL;
}

static void print_object(const struct trace_info *info, uint32_t object)
{
	static uint32_t *numbers, given[CMSHIM_N_CLASSES];
	const struct object_info *o = &info->objects[object];

	if (!object || o->class >= CMSHIM_N_CLASSES)
		return;
	if (o->name) {
		printf(" %s", o->name);
		return;
	}
	if (!numbers)
		numbers = calloc(info->n_objects, sizeof(*numbers));
	if (!numbers)
		exit(2);
	if (!numbers[object])
		numbers[object] = ++given[o->class];
	printf(" %s#%" PRIu32, class_name(o->class), numbers[object]);
}

static void print_event(const struct trace_info *info, const struct event *ev)
{
	printf("%" PRIu32 " %s", info->threads[ev->thread].number,
	       op_name(ev->op));
	print_object(info, ev->object);
	if (ev->op == CMSHIM_OP_HANDLER_ENTER ||
	    ev->op == CMSHIM_OP_HANDLER_EXIT)
		printf(" %" PRIu64, ev->arg);
	else if (info->calls[ev->call].name)
		printf(" %s", info->calls[ev->call].name);
	if (ev->code)
		printf(" %s", strerrorname_np(ev->code));
	putchar('\n');
}

/* Again for each thread: traces of tests are small. */
static void print_thread(const char *path, uint32_t thread, char **ops)
{
	struct trace *trace;
	const char *why;
	struct event ev;

	if (trace_open(&trace, path, &why) < 0)
		exit(2);
	while (trace_next(trace, &ev) > 0)
		if (ev.thread == thread && is_wanted(ev.op, ops))
			print_event(trace_info(trace), &ev);
	trace_close(trace);
}

int main(int argc, char **argv)
{
	struct trace *trace;
	const char *why;
	uint32_t n;

	if (argc < 3 || trace_open(&trace, argv[1], &why) < 0) {
		fprintf(stderr, "trace_events: %s\n",
			argc < 3 ? "a trace and operations, please" : why);
		return 2;
	}
	n = (uint32_t)trace_info(trace)->n_threads;
	trace_close(trace);
	for (uint32_t i = 1; i < n; i++)
		print_thread(argv[1], i, argv + 2);
	return 0;
}
