/* SPDX-License-Identifier: MIT */
/*
 * ordered TRACE: of each map that two threads used, one of them to write,
 * whether what the trace records orders them: "NAME ordered" or "NAME
 * unordered", a line a map; then "# N begun", initialisations that a caller was
 * told to do itself.
 *
 * The rules are the plainest there are, and no code of the analyses' is used:
 * every event that gives adds the thread's past to that of its object, every
 * one that takes adds the object's to the thread's.
 *
 * build: -Ireports reports/trace/trace*.c reports/store.c reports/spill.c
 */
#include <stdio.h>
#include <stdlib.h>

#include "trace/trace.h"

#define MOST_THREADS 64

/* For each thread: how many of its events are known to have happened. */
struct past {
	uint64_t of[MOST_THREADS];
};

struct access {
	uint32_t object, thread;
	uint64_t index; /* of the event in its thread, from 1 */
	bool write;
	struct past past;
};

static struct past threads[MOST_THREADS], *objects;
static struct past *created; /* by a thread number: its creator's past */
static struct access *accesses;
static size_t n_accesses, n_begun;

static void *need(void *memory)
{
	if (!memory)
		exit(2);
	return memory;
}

static void join(struct past *to, const struct past *from)
{
	for (int i = 0; i < MOST_THREADS; i++)
		if (from->of[i] > to->of[i])
			to->of[i] = from->of[i];
}

static void add_access(const struct event *ev)
{
	accesses =
		need(realloc(accesses, (n_accesses + 1) * sizeof(*accesses)));
	accesses[n_accesses++] = (struct access){
		.object = ev->object,
		.thread = ev->thread,
		.index = threads[ev->thread].of[ev->thread],
		.write = ev->op == CMSHIM_OP_MAP_WRITE,
		.past = threads[ev->thread],
	};
}

static void see(const struct event *ev)
{
	struct past *mine = &threads[ev->thread];

	mine->of[ev->thread]++;
	switch (ev->op) {
	case CMSHIM_OP_RELEASE:
	case CMSHIM_OP_RELEASE_SHARED:
	case CMSHIM_OP_SIGNAL:
	case CMSHIM_OP_BROADCAST:
	case CMSHIM_OP_POST:
	case CMSHIM_OP_ARRIVE:
	case CMSHIM_OP_ONCE_RAN:
	case CMSHIM_OP_HAPPENS_BEFORE:
		join(&objects[ev->object], mine);
		break;
	case CMSHIM_OP_ACQUIRE:
	case CMSHIM_OP_ACQUIRE_SHARED:
	case CMSHIM_OP_WAKE:
	case CMSHIM_OP_TAKE:
	case CMSHIM_OP_DEPART:
	case CMSHIM_OP_ONCE_RETURN:
		n_begun += ev->flags & CMSHIM_MISS ? 1 : 0;
		join(mine, &objects[ev->object]);
		break;
	case CMSHIM_OP_HAPPENS_AFTER:
		join(mine, &objects[ev->object]);
		break;
	case CMSHIM_OP_CREATE:
		created[ev->other] = *mine;
		break;
	case CMSHIM_OP_START:
		join(mine, &created[ev->thread]);
		break;
	case CMSHIM_OP_JOIN:
		join(mine, &threads[ev->other]);
		break;
	case CMSHIM_OP_MAP_READ:
	case CMSHIM_OP_MAP_WRITE:
		add_access(ev);
		break;
	}
}

static bool are_ordered(const struct access *a, const struct access *b)
{
	return a->past.of[b->thread] >= b->index ||
	       b->past.of[a->thread] >= a->index;
}

/* 0: no conflict; 1: all are ordered; 2: not all. */
static int judge(uint32_t object)
{
	int verdict = 0;

	for (size_t i = 0; i < n_accesses; i++) {
		const struct access *a = &accesses[i];

		for (size_t j = 0; a->object == object && j < i; j++) {
			const struct access *b = &accesses[j];

			if (b->object != object || b->thread == a->thread ||
			    !(a->write || b->write))
				continue;
			if (!are_ordered(a, b))
				return 2;
			verdict = 1;
		}
	}
	return verdict;
}

int main(int argc, char **argv)
{
	const struct trace_info *info;
	struct trace *trace;
	struct event ev;
	const char *why;

	if (argc != 2 || trace_open(&trace, argv[1], &why) < 0)
		return 2;
	info = trace_info(trace);
	if (info->n_threads > MOST_THREADS)
		return 2;
	objects = need(calloc(info->n_objects, sizeof(*objects)));
	created = need(calloc(info->n_threads, sizeof(*created)));
	while (trace_next(trace, &ev) > 0)
		if (ev.op < CMSHIM_N_OPS)
			see(&ev);
	for (uint32_t i = 1; i < info->n_objects; i++) {
		int verdict = judge(i);

		if (verdict)
			printf("%llx %s\n",
			       (unsigned long long)info->objects[i].address,
			       verdict == 1 ? "ordered" : "unordered");
	}
	printf("# %zu begun\n", n_begun);
	trace_close(trace);
	return 0;
}
