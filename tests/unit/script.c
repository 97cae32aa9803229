/* SPDX-License-Identifier: MIT */
/* See script.h.  What is told runs as the report command would run it. */
#include "script.h"

#include <check.h>
#include <stdio.h>

#include "report/report_parts.h"
#include "world/order.h"

#define MADE(n)                                            \
	[MADE_MAP + (n)] = { .class = CMSHIM_MAP,          \
			     .kind = CMSHIM_SEEN_INIT,     \
			     .address = 0x5300 + 64 * (n), \
			     .family = 1,                  \
			     .stack = 3 }

static const struct object_info objects[SCRIPT_OBJECTS] = {
	[A] = { .class = CMSHIM_MUTEX, .name = "A" },
	[B] = { .class = CMSHIM_MUTEX, .name = "B" },
	[C] = { .class = CMSHIM_MUTEX, .name = "C" },
	[RECURSIVE] = { .class = CMSHIM_MUTEX, .kind = CMSHIM_RECURSIVE },
	[CHECKED] = { .class = CMSHIM_MUTEX, .kind = CMSHIM_ERRORCHECK },
	[ROBUST] = { .class = CMSHIM_MUTEX, .kind = CMSHIM_ROBUST },
	[PROCESS_SHARED] = { .class = CMSHIM_MUTEX,
			     .kind = CMSHIM_PROCESS_SHARED },
	[RW] = { .class = CMSHIM_RWLOCK, .address = 0x1000 },
	[RW2] = { .class = CMSHIM_RWLOCK, .address = 0x1020 },
	[SPIN] = { .class = CMSHIM_SPINLOCK, .address = 0x1040 },
	[SEM] = { .class = CMSHIM_SEMAPHORE },
	[CONDITION] = { .class = CMSHIM_CONDITION },
	[M] = { .class = CMSHIM_MAP, .family = 1, .stack = 1 },
	[N] = { .class = CMSHIM_MAP,
		.kind = CMSHIM_SEEN_INIT,
		.family = 1,
		.stack = 2 },
	[SAFE_MAP] = { .class = CMSHIM_MAP, .family = 2 },
	[ONCE] = { .class = CMSHIM_ONCE },
	[ONCE_VARIABLE] = { .class = CMSHIM_ONCE, .address = 0x1300 },
	[CHANNEL] = { .class = CMSHIM_CHANNEL },
	[FUTEX] = { .class = CMSHIM_FUTEX },
	[FUTEX2] = { .class = CMSHIM_FUTEX },
	[FUTEX3] = { .class = CMSHIM_FUTEX },
	[RW_WRITERS] = { .class = CMSHIM_RWLOCK, .kind = CMSHIM_PREFER_WRITER },
	[CONDITION2] = { .class = CMSHIM_CONDITION },
	[BARRIER] = { .class = CMSHIM_BARRIER, .address = 0x5100 },
	[VARIABLE] = { .class = CMSHIM_MUTEX, .address = 0x1100 },
	[VARIABLE_AGAIN] = { .class = CMSHIM_MUTEX,
			     .address = 0x1100,
			     .generation = 1 },
	[ON_HEAP] = { .class = CMSHIM_MUTEX, .address = 0x5200 },
	[ON_HEAP_AGAIN] = { .class = CMSHIM_MUTEX,
			    .address = 0x5200,
			    .generation = 1 },
	[BARRIER_AGAIN] = { .class = CMSHIM_BARRIER,
			    .address = 0x5100,
			    .generation = 1 },
	MADE(0),
	MADE(1),
	MADE(2),
	MADE(3),
	MADE(4),
	MADE(5),
	MADE(6),
	MADE(7),
	MADE(8),
	MADE(9),
	MADE(10)
};

static const struct family_info families[] = {
	{ .title = NULL },
	{ .title = "map", .discipline = CMSHIM_CALLER_LOCKS },
	{ .title = "safe map", .discipline = CMSHIM_SELF_LOCKED },
};

static const struct call_info calls[SCRIPT_CALLS] = {
	[LOOKUP] = { "lookup", CMSHIM_OP_MAP_READ, CMSHIM_MAP, 1 },
	[INSERT] = { "insert", CMSHIM_OP_MAP_WRITE, CMSHIM_MAP, 1 },
	[NEXT] = { "next", CMSHIM_OP_MAP_NEXT, CMSHIM_MAP, 1 },
	[FREE] = { "free", CMSHIM_OP_MAP_FREE, CMSHIM_MAP, 1 },
	[LOCK] = { "lock", CMSHIM_OP_ACQUIRE, CMSHIM_MUTEX, 0 },
	[DESTROY_CALL] = { "destroy", CMSHIM_OP_DESTROY, CMSHIM_MUTEX, 0 },
	[SET_TIMER] = { "set_timer", CMSHIM_OP_HAPPENS_AFTER, CMSHIM_CHANNEL,
			0 },
};

static const struct module_info modules[] = {
	{ .path = "/program",
	  .first = 0x1000,
	  .end = 0x2000,
	  .gone = UINT32_MAX },
	{ .path = "/usr/lib/libpool.so.1",
	  .first = 0x3000,
	  .end = 0x4000,
	  .gone = UINT32_MAX },
};

static const uint64_t library_frames[] = { 0x3010, 0x3020 };

static struct cmshim_header header;
static struct thread_info threads[SCRIPT_THREADS];
static struct stack_info stacks[SCRIPT_STACKS] = {
	[LIBRARY_STACK] = { .frames = library_frames, .n_frames = 2 },
};

static struct trace_info info = {
	.header = &header,
	.calls = calls,
	.families = families,
	.objects = objects,
	.threads = threads,
	.stacks = stacks,
	.n_calls = SCRIPT_CALLS,
	.n_families = sizeof(families) / sizeof(families[0]),
	.n_objects = SCRIPT_OBJECTS,
	.n_threads = SCRIPT_THREADS,
	.n_stacks = SCRIPT_STACKS,
	.modules = modules,
	.n_modules = 2,
};

static bool is_among(int op, const int *ops, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ops[i] == op)
			return true;
	return false;
}

struct event told(int op, uint32_t thread, uint32_t object)
{
	static const int shared[] = {
		CMSHIM_OP_ACQUIRE_SHARED,
		CMSHIM_OP_RELEASE_SHARED,
		CMSHIM_OP_REQUEST_SHARED,
	};
	static const int stamped[] = {
		CMSHIM_OP_REQUEST, CMSHIM_OP_REQUEST_SHARED, CMSHIM_OP_WAIT,
		CMSHIM_OP_WAKE,	   CMSHIM_OP_START,	     CMSHIM_OP_EXIT,
	};

	return (struct event){
		.op = (uint8_t)op,
		.thread = thread,
		.object = object,
		.call = LOCK,
		.shared = is_among(op, shared, 3),
		.has_time = is_among(op, stamped, 6),
	};
}

struct event told_map(int op, uint32_t thread, uint32_t map, uint64_t seq,
		      uint64_t end)
{
	struct event ev = told(op, thread, map);

	ev.seq = seq;
	ev.end = end;
	ev.call = op == CMSHIM_OP_MAP_WRITE  ? INSERT
		  : op == CMSHIM_OP_MAP_FREE ? FREE
		  : op == CMSHIM_OP_MAP_NEXT ? NEXT
					     : LOOKUP;
	return ev;
}

struct event told_wait(struct event ev, uint64_t wait_ns)
{
	ev.contended = true;
	ev.has_time = true;
	ev.wait_ns = wait_ns;
	return ev;
}

struct event told_code(struct event ev, uint16_t code)
{
	ev.code = code;
	return ev;
}

struct event told_thread(int op, uint32_t thread, uint32_t other)
{
	struct event ev = told(op, thread, 0);

	ev.other = other;
	return ev;
}

struct event told_end(struct event ev, uint64_t end)
{
	ev.end = end;
	return ev;
}

struct event told_key(uint64_t key, struct event ev)
{
	ev.key = key;
	ev.is_by_key = true;
	return ev;
}

struct event told_at(uint32_t stack, struct event ev)
{
	ev.stack = stack;
	return ev;
}

struct event told_when(uint64_t time_ns, struct event ev)
{
	ev.has_time = true;
	ev.time_ns = time_ns;
	if (ev.op == CMSHIM_OP_ACQUIRE || ev.op == CMSHIM_OP_ACQUIRE_SHARED)
		ev.weight = 1;
	return ev;
}

struct event told_flags(unsigned flags, struct event ev)
{
	ev.flags = (uint16_t)(ev.flags | flags);
	if (ev.op == CMSHIM_OP_MAP_ENTER && flags & CMSHIM_WRITE)
		ev.call = INSERT;
	return ev;
}

struct event told_other(uint32_t other, struct event ev)
{
	ev.other = other;
	return ev;
}

struct event told_arg(uint64_t arg, struct event ev)
{
	ev.arg = arg;
	return ev;
}

struct event told_call(uint32_t call, struct event ev)
{
	ev.call = call;
	return ev;
}

struct event told_count(uint64_t count, struct event ev)
{
	ev.arg = count;
	ev.has_arg = true;
	return ev;
}

/* Fills in what goes without saying. */
struct teller {
	uint64_t n;
	uint64_t seqs[SCRIPT_OBJECTS];
	uint64_t indices[SCRIPT_THREADS];
};

static struct event tell(struct teller *t, struct event ev)
{
	t->n++;
	if (!ev.stack)
		ev.stack = (uint32_t)(t->n % SCRIPT_STACKS);
	if (ev.has_time && !ev.time_ns)
		ev.time_ns = t->n;
	if (objects[ev.object].class != CMSHIM_MAP &&
	    ev.op != CMSHIM_OP_SIGNALLED && !ev.seq)
		ev.seq = ++t->seqs[ev.object];
	if (ev.flags & CMSHIM_ITERATOR)
		ev.is_by_key = false;
	ev.index = t->indices[ev.thread]++;
	return ev;
}

static void set(const struct setting *setting)
{
	static const struct setting ordinary;

	if (!setting)
		setting = &ordinary;
	header.state = setting->state ? setting->state : CMSHIM_EXITED;
	header.flags = setting->flags;
	info.duration_ns = setting->duration_ns;
	for (uint32_t i = 0; i < SCRIPT_THREADS; i++)
		threads[i].number = i;
}

static void run_again(const struct asker *asker, const struct event *story,
		      size_t n, const struct setting *setting)
{
	const struct second_limits *limits =
		setting && setting->limits ? setting->limits : &second_usual;
	struct teller teller = { .n = 0 };
	struct second *second = second_begin(asker, 1, limits);

	if (!second)
		return;
	for (size_t i = 0; i < n; i++) {
		struct event ev = tell(&teller, story[i]);

		if (!second_event(second, &ev))
			break;
	}
	second_end(second);
}

/* As if memory were in a file: then what is asked for is touched, and a
   sanitizer sees whether it is there. */
static void fetch_for(const struct analysis *analysis, const void *state,
		      const struct event *ev)
{
	if (!analysis->soon)
		return;
	store_has_spilled = true;
	analysis->soon(state, ev);
	store_has_spilled = false;
}

const struct report *run_story(const struct analysis *analysis,
			       const struct event *story, size_t n,
			       const struct setting *setting)
{
	static struct report *report;
	struct teller teller = { .n = 0 };
	struct world world;
	uint64_t last_ns = 0;
	bool is_awake = !analysis->wakes;
	analysis_event *event;
	void *state;

	report_free(report);
	report = report_new();
	set(setting);
	report_begin(report, &info);
	world_init(&world, &info, analysis->group == ANALYSIS_ORDERED);
	if (setting && setting->most_counts)
		order_restart_at(world.order, setting->most_counts);
	state = analysis->begin(report_arena(report), &info);
	for (size_t i = 0; i < n; i++) {
		struct event ev = tell(&teller, story[i]);

		if (ev.has_time && ev.time_ns > last_ns)
			last_ns = ev.time_ns;
		is_awake |= analysis_is_woken(analysis, ev.op);
		event = analysis_hearer(analysis, ev.op, ev.has_time);
		if (is_awake && event) {
			fetch_for(analysis, state, &ev);
			event(state, &ev, &world);
		}
		world_apply(&world, &ev);
	}
	if (!info.duration_ns)
		info.duration_ns = last_ns;
	run_again(&(struct asker){ analysis, state, &world }, story, n,
		  setting);
	analysis->finish(state, &world, report);
	world_release(&world);
	return report;
}

const struct world *world_after(const struct event *story, size_t n)
{
	static struct world world;
	struct teller teller = { .n = 0 };

	if (world.info)
		world_release(&world);
	set(NULL);
	world_init(&world, &info, true);
	for (size_t i = 0; i < n; i++) {
		struct event ev = tell(&teller, story[i]);

		world_apply(&world, &ev);
	}
	return &world;
}

const struct lock_usage *usage_of_lock(const struct report *r, uint32_t lock)
{
	for (size_t i = 0; i < r->lists.n_locks; i++) {
		struct added_lock *l = &r->lists.locks[i];

		if (l->usage.object != lock)
			continue;
		l->usage.wait = &l->wait;
		l->usage.hold = &l->hold;
		l->usage.blame = l->blame;
		return &l->usage;
	}
	ck_abort_msg("no usage of lock %u", lock);
	return NULL;
}

const struct map_usage *usage_of_map(const struct report *r, uint32_t map)
{
	for (size_t i = 0; i < r->lists.n_maps; i++)
		if (r->lists.maps[i].object == map)
			return &r->lists.maps[i];
	ck_abort_msg("no usage of map %u", map);
	return NULL;
}

const struct map_profile *profile_of_map(const struct report *r, uint32_t map)
{
	for (size_t i = 0; i < r->lists.n_profiles; i++)
		if (r->lists.profiles[i].object == map)
			return &r->lists.profiles[i];
	ck_abort_msg("no profile of map %u", map);
	return NULL;
}

const struct finding *only_finding(const struct report *r)
{
	for (size_t i = 0; i < report_n_added(r); i++)
		if (report_n_added(r) != 1)
			printf("finding %zu: %s on %u\n", i,
			       report_added(r, i)->rule->id,
			       report_added(r, i)->object);
	ck_assert_uint_eq(report_n_added(r), 1);
	return report_added(r, 0);
}
