/* SPDX-License-Identifier: MIT */
/*
 * compare_stacks TRACE FILE: whether the stacks that a trace gives to the
 * acquires of walk_often.c are those that the program saw itself: FILE, see
 * sample.h.  Prints how many were compared, and of them how many were wrong
 * and how many cut short, which a recorder may do now and then (two threads
 * come upon new code at once) if it counts it.  Status 0: none was wrong, few
 * were cut short, and every acquire was there; 1: not so.
 *
 * build: -Ireports reports/trace/trace*.c reports/store.c reports/spill.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"
#include "trace/trace.h"

#define SHOWN	    3 /* wrong stacks that are printed */
#define MAX_THREADS 256
#define MAX_CUT	    1000 /* one in so many may be cut short */

/* The words of the side file. */
struct samples {
	uint64_t *words;
	size_t n;
};

/* A thread's acquires in the trace: their stacks, in order. */
struct acquires {
	uint64_t kernel_id;
	uint32_t *stacks;
	size_t n, room;
};

static struct acquires threads[MAX_THREADS]; /* by the trace's number */

static void *need(void *memory)
{
	if (memory)
		return memory;
	fputs("compare_stacks: no memory\n", stderr);
	exit(2);
}

static struct samples read_samples(const char *path)
{
	struct samples s = { NULL, 0 };
	FILE *file = fopen(path, "r");
	size_t room = 1 << 20, got;

	if (!file) {
		perror(path);
		exit(2);
	}
	do {
		room *= 2;
		s.words = need(realloc(s.words, room * sizeof(*s.words)));
		got = fread(s.words + s.n, sizeof(*s.words), room - s.n, file);
		s.n += got;
	} while (s.n == room);
	fclose(file);
	return s;
}

static void read_acquires(struct trace *trace, uint64_t first, uint64_t last)
{
	const struct trace_info *info = trace_info(trace);
	struct event ev;

	while (trace_next(trace, &ev) > 0) {
		const struct object_info *o = &info->objects[ev.object];
		struct acquires *a = &threads[ev.thread % MAX_THREADS];

		if (ev.op != CMSHIM_OP_ACQUIRE || o->address < first ||
		    o->address > last)
			continue;
		if (a->n == a->room) {
			a->room = a->room ? 2 * a->room : 1 << 16;
			a->stacks = need(realloc(a->stacks,
						 a->room * sizeof(*a->stacks)));
		}
		a->kernel_id = info->threads[ev.thread].kernel_id;
		a->stacks[a->n++] = ev.stack;
	}
}

static const struct acquires *thread_of(uint64_t kernel_id)
{
	for (int i = 0; i < MAX_THREADS; i++)
		if (threads[i].n && threads[i].kernel_id == kernel_id)
			return &threads[i];
	return NULL;
}

static void print_stack(const char *whose, const uint64_t *frames, size_t n)
{
	printf("#   %s:", whose);
	for (size_t i = 0; i < n; i++)
		printf(" %#llx", (unsigned long long)frames[i]);
	printf("\n");
}

static bool is_cut(const struct stack_info *stack, const uint64_t *sample)
{
	return stack->n_frames < sample[2] &&
	       !memcmp(stack->frames, sample + SAMPLE_HEAD,
		       stack->n_frames * sizeof(*stack->frames));
}

static bool is_right(const struct stack_info *stack, const uint64_t *sample)
{
	return stack->n_frames == sample[2] &&
	       !memcmp(stack->frames, sample + SAMPLE_HEAD,
		       sample[2] * sizeof(*stack->frames));
}

/* The samples begin after the range of the locks. */
static bool compare(const struct samples *s, const struct trace_info *info)
{
	size_t compared = 0, wrong = 0, cut = 0, missing = 0;
	const uint64_t *sample;

	for (size_t i = 2; i + SAMPLE_HEAD <= s->n;
	     i += SAMPLE_HEAD + sample[2]) {
		const struct stack_info *stack;
		const struct acquires *a;

		sample = s->words + i;
		a = thread_of(sample[0]);
		if (sample[2] == 0) {
			missing += !a || a->n != sample[1];
			continue;
		}
		if (!a || sample[1] >= a->n) {
			missing++;
			continue;
		}
		stack = &info->stacks[a->stacks[sample[1]]];
		compared++;
		if (is_right(stack, sample))
			continue;
		if (is_cut(stack, sample)) {
			cut++;
			continue;
		}
		if (wrong++ >= SHOWN)
			continue;
		print_stack("walked", sample + SAMPLE_HEAD, sample[2]);
		print_stack("traced", stack->frames, stack->n_frames);
	}
	printf("%zu compared, %zu wrong, %zu cut short, %zu missing; "
	       "%zu different\n",
	       compared, wrong, cut, missing, info->n_stacks - 1);
	return compared && !wrong && !missing && cut <= compared / MAX_CUT &&
	       (!cut || info->header->lost[CMSHIM_LOST_FRAMES]);
}

int main(int argc, char **argv)
{
	struct samples s;
	struct trace *trace;
	const char *why;
	bool good;

	if (argc != 3) {
		fputs("usage: compare_stacks TRACE FILE\n", stderr);
		return 2;
	}
	s = read_samples(argv[2]);
	if (s.n < 2 || trace_open(&trace, argv[1], &why) < 0) {
		fputs("compare_stacks: no samples or no trace\n", stderr);
		return 2;
	}
	read_acquires(trace, s.words[0], s.words[1]);
	good = compare(&s, trace_info(trace));
	trace_close(trace);
	for (int i = 0; i < MAX_THREADS; i++)
		free(threads[i].stacks);
	free(s.words);
	return good ? 0 : 1;
}
