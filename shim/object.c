/* SPDX-License-Identifier: MIT */
/*
 * Lines are given out one after the other, so that the memory touched grows
 * with the number of objects that live at once.
 *
 * Objects are found by where they lie.  For each 64 bytes of memory there is a
 * list of the lines of what lies there.  Lists of memory that is near are near
 * each other: those of 64 KiB share a page, and what lies far apart shares a
 * list by chance only.  A line is added at the head of its list, by whoever
 * changes the head from what it was when the list did not have the object, so
 * no object is added twice; it is taken out by one thread at a time, and given
 * to another address when nobody can be looking at it any more.
 */
#include "object.h"

#include <stddef.h>
#include <sys/resource.h>

#include "sys.h"

#define LIST_SHIFT   6
#define REGION_SHIFT 18 /* memory whose lists are one behind the other */
#define REGION_LISTS (1u << (REGION_SHIFT - LIST_SHIFT))

/* Twice as many lists as lines. */
#define MANY_LINES_BITS 20
#define FEW_LINES_BITS	15

/* While there are less than this many lines none is taken back. */
#define FEW_LINES 4096u

/* So often are lines taken back: of the lines looked at then most will do if
   most objects end, and one in eight is enough. */
#define GIVEN_BETWEEN 256u
#define LOOKED_AT     2048u

#define N_GUARDS 64

/* The last bytes repeat the first: see object.h. */
_Atomic uint8_t object_places[(1u << PLACE_BITS) + 8];

/* Kept across fork.  What the pointers lead to is zeroed there, which is a
   table of nothing. */
static struct {
	struct state {
		_Atomic uint32_t n;	/* lines given for the first time */
		_Atomic uint32_t given; /* times one was asked for */
		_Atomic bool due;
		/* The first line that may be given again, below a count of
		   the changes. */
		_Atomic uint64_t free;
		/* Of a line that is new to its address, which may have had
		   another one before. */
		_Atomic uint32_t generation;
		uint32_t hand; /* the line looked at last */
		struct {
			_Atomic uint32_t n;
		} __attribute__((aligned(64))) guards[N_GUARDS];
	} * state;
	_Atomic uint32_t *lists; /* the first line of each; 0: none */
	struct object *lines;	 /* [0] is none */
	uint32_t max;
	int region_bits; /* of the number of regions that have lists */
} objects;

bool object_begin(void)
{
	int bits = MANY_LINES_BITS;
	struct rlimit limit;

	if (objects.state)
		return true;

	/* 72 MiB of address space, touched as used; little of it where the
	   program's own is limited. */
	if (sys_call4(SYS_prlimit64, 0, RLIMIT_AS, NULL, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY)
		bits = FEW_LINES_BITS;
	objects.max = 1u << bits;
	objects.region_bits = bits + 1 - (REGION_SHIFT - LIST_SHIFT);
	objects.lists =
		sys_memory((size_t)2 * objects.max * sizeof(*objects.lists), 1);
	objects.lines = sys_memory(objects.max * sizeof(struct object), 1);
	if (objects.lists && objects.lines)
		objects.state = sys_memory(sizeof(*objects.state), 1);
	return objects.state != NULL;
}

/* ---- where objects lie ---- */

static _Atomic uint32_t *list_of(uintptr_t address)
{
	uint64_t mixed = (address >> REGION_SHIFT) * 0x9e3779b97f4a7c15u;
	size_t region = mixed >> (64 - objects.region_bits);
	size_t within =
		((address >> LIST_SHIFT) ^ (mixed >> 32)) & (REGION_LISTS - 1);

	return &objects.lists[region * REGION_LISTS + within];
}

static size_t place_of(uintptr_t address)
{
	return (address >> PLACE_SHIFT) & ((1u << PLACE_BITS) - 1);
}

static bool is_placed(uint64_t key)
{
	return object_class(key) != OBJECT_THREAD_HANDLE;
}

/* A count that has reached its limit is not known, and stays. */
static void add_to(_Atomic uint8_t *count, int by)
{
	uint8_t n = atomic_load(count);

	while (n != UINT8_MAX &&
	       !atomic_compare_exchange_weak(count, &n, (uint8_t)(n + by)))
		;
}

/* Before a line is in its list, and after it was: who sees a place without
   lines passes over none. */
static void place(uint64_t key, int by)
{
	size_t at = place_of((uintptr_t)object_address(key));

	if (!is_placed(key))
		return;
	add_to(&object_places[at], by);
	if (at < 8)
		add_to(&object_places[(1u << PLACE_BITS) + at], by);
}

/* ---- lines ---- */

/* A count above keeps what was first, went and came again from being taken
   for what it was. */
static uint64_t next_free(uint64_t now, uint32_t first)
{
	return ((now >> 32) + 1) << 32 | first;
}

static void give_back(uint32_t line)
{
	uint64_t now = atomic_load(&objects.state->free);

	do
		atomic_store(&objects.lines[line].beside, (uint32_t)now);
	while (!atomic_compare_exchange_weak(&objects.state->free, &now,
					     next_free(now, line)));
}

/* A line that nobody has; 0: there is none. */
static uint32_t any_line(void)
{
	struct state *state = objects.state;
	uint64_t now = atomic_load(&state->free);
	uint32_t line;

	while ((line = (uint32_t)now)) {
		uint32_t next = atomic_load(&objects.lines[line].beside);

		if (atomic_compare_exchange_weak(&state->free, &now,
						 next_free(now, next)))
			return line;
	}
	/* Looked at first: the count must not come round to 0. */
	if (atomic_load_explicit(&state->n, memory_order_relaxed) + 1 >=
	    objects.max)
		return 0;
	line = 1 + atomic_fetch_add(&state->n, 1);
	return line < objects.max ? line : 0;
}

/* A line for the key, of which nobody knows yet; 0: there is none. */
static uint32_t line_for(uint64_t key)
{
	struct state *state = objects.state;
	struct object *o;
	uint32_t line = any_line();

	if ((atomic_fetch_add(&state->given, 1) + 1) % GIVEN_BETWEEN == 0 &&
	    atomic_load(&state->n) >= FEW_LINES)
		atomic_store(&state->due, true);
	if (!line)
		return 0;
	/* Its numbers go on where they were; a thread's is one itself. */
	o = &objects.lines[line];
	o->key = key;
	atomic_store(&o->waiting, 0);
	atomic_store(&o->first, 0);
	atomic_store(&o->destroyed, 0);
	atomic_store(&o->kind, 0);
	atomic_store(&o->generation, atomic_load(&state->generation));
	atomic_store(&o->id, 0);
	if (!is_placed(key))
		atomic_store(&o->number, 0);
	place(key, 1);
	return line;
}

static struct object *search(uint32_t line, uint64_t key)
{
	while (line) {
		struct object *o = &objects.lines[line];

		if (o->key == key && atomic_load(&o->id) != RETIRED)
			return o;
		line = atomic_load_explicit(&o->beside, memory_order_acquire);
	}
	return NULL;
}

struct object *object_look_up(uint64_t key)
{
	/* Who is busy has said so before it looks: see reclaim.c. */
	atomic_thread_fence(memory_order_seq_cst);
	return search(atomic_load(list_of((uintptr_t)object_address(key))),
		      key);
}

struct object *object_find(uint64_t key)
{
	_Atomic uint32_t *list = list_of((uintptr_t)object_address(key));
	uint32_t mine = 0, first;
	struct object *o;

	atomic_thread_fence(memory_order_seq_cst);
	first = atomic_load(list);
	do {
		o = search(first, key);
		if (o)
			break;
		if (!mine)
			mine = line_for(key);
		if (!mine)
			return NULL;
		atomic_store(&objects.lines[mine].beside, first);
	} while (!atomic_compare_exchange_strong(list, &first, mine));

	if (o && mine) {
		place(key, -1);
		give_back(mine);
	} else if (!o) {
		o = &objects.lines[mine];
		atomic_store(&o->listed, true);
	}
	return o;
}

/* ---- guards ---- */

_Atomic uint32_t *object_guard(void)
{
	/* Threads have stacks of their own, and so most have one of these. */
	uintptr_t here = (uintptr_t)__builtin_frame_address(0) >> 16;
	_Atomic uint32_t *guard =
		&objects.state->guards[(here ^ here >> 6) % N_GUARDS].n;

	atomic_fetch_add(guard, 1);
	atomic_thread_fence(memory_order_seq_cst);
	return guard;
}

void object_unguard(_Atomic uint32_t *guard)
{
	atomic_fetch_sub(guard, 1);
}

uint64_t object_free_guards(void)
{
	uint64_t free = 0;

	for (int i = 0; i < N_GUARDS; i++)
		if (!atomic_load(&objects.state->guards[i].n))
			free |= (uint64_t)1 << i;
	return free;
}

bool object_is_there(uint64_t key)
{
	_Atomic uint32_t *guard = object_guard();
	bool is_there = object_look_up(key);

	object_unguard(guard);
	return is_there;
}

/* ---- what lies in a piece of memory ---- */

/* What object_each() is asked for. */
struct search {
	uintptr_t from, end;
	void (*function)(struct object *object, void *data);
	void *data;
};

static void try_line(const struct search *s, struct object *o)
{
	uintptr_t address = (uintptr_t)object_address(o->key);

	if (o->key && is_placed(o->key) && address >= s->from &&
	    address < s->end)
		s->function(o, s->data);
}

static void search_list(const struct search *s, uintptr_t address)
{
	_Atomic uint32_t *list = list_of(address);
	uint32_t line = atomic_load(list);
	_Atomic uint32_t *guard;

	if (!line)
		return;
	guard = object_guard();
	for (line = atomic_load(list); line;
	     line = atomic_load(&objects.lines[line].beside))
		try_line(s, &objects.lines[line]);
	object_unguard(guard);
}

/* Past this it is quicker to look at all lines. */
#define MANY_BYTES ((uintptr_t)64 << 20)

static void search_lines(const struct search *s)
{
	_Atomic uint32_t *guard = object_guard();
	uint32_t n = atomic_load(&objects.state->n);

	for (uint32_t i = 1; i <= n && i < objects.max; i++)
		try_line(s, &objects.lines[i]);
	object_unguard(guard);
}

/* The beginning of the next piece of 1 << shift bytes. */
static uintptr_t next_piece(uintptr_t at, int shift)
{
	return ((at >> shift) + 1) << shift;
}

void object_each(uintptr_t from, uintptr_t end,
		 void (*function)(struct object *object, void *data),
		 void *data)
{
	const struct search s = { from, end, function, data };
	uintptr_t at = from;

	if (!objects.state || from >= end)
		return;
	if (end - from > MANY_BYTES) {
		search_lines(&s);
		return;
	}
	while (at < end) {
		uint64_t counts = object_counts((const void *)at);
		uintptr_t rest = next_piece(at, PLACE_SHIFT);
		int empty = counts ? __builtin_ctzll(counts) / 8 : 8;

		if (empty) {
			at = rest + ((uintptr_t)(empty - 1) << PLACE_SHIFT);
			continue;
		}
		for (; at < rest && at < end; at = next_piece(at, LIST_SHIFT))
			search_list(&s, at);
	}
}

static void lower(struct object *o, void *lowest)
{
	uintptr_t address = (uintptr_t)object_address(o->key);

	if (object_id(o) && address < *(uintptr_t *)lowest)
		*(uintptr_t *)lowest = address;
}

uintptr_t object_lowest(uintptr_t from, uintptr_t end)
{
	uintptr_t lowest = UINTPTR_MAX;

	object_each(from, end, lower, &lowest);
	return lowest;
}

/* ---- ends ---- */

void object_end(struct object *object, uint32_t id)
{
	if (!id || id == RETIRED || atomic_load(&object->id) != id)
		return;
	/* First: who finds no number begins the next one. */
	atomic_fetch_add(&object->generation, 1);
	atomic_compare_exchange_strong(&object->id, &id, 0);
}

bool object_is_due(void)
{
	return atomic_load_explicit(&objects.state->due,
				    memory_order_relaxed) &&
	       atomic_exchange(&objects.state->due, false);
}

/*
 * Whether the object was destroyed and its memory is there still, so that it
 * could be used by mistake.  That is looked after until room is short.
 */
static bool is_only_destroyed(struct object *o)
{
	return object_last(o) && atomic_load(&o->destroyed) == object_last(o) &&
	       !(atomic_load(&o->kind) & CMSHIM_PROCESS_SHARED);
}

/* Ends the line's object for good if it has ended, or may as well have. */
static bool has_ended(struct object *o, bool is_short)
{
	uint32_t id = atomic_load(&o->id);

	if (!atomic_load(&o->listed) || id == RETIRED || !is_placed(o->key) ||
	    atomic_load(&o->waiting) ||
	    (object_class(o->key) == OBJECT_MAP &&
	     (atomic_load(&o->vword) & 0xffff)))
		return false;
	if (id && !(is_short && is_only_destroyed(o)))
		return false;
	return atomic_compare_exchange_strong(&o->id, &id, RETIRED);
}

static void unlist(struct object *o)
{
	_Atomic uint32_t *at = list_of((uintptr_t)object_address(o->key));
	const uint32_t mine = (uint32_t)(o - objects.lines);
	uint32_t line = mine;

	/* At the head lines are added meanwhile; else nobody changes a list. */
	while (!atomic_compare_exchange_strong(at, &line,
					       atomic_load(&o->beside)) &&
	       line) {
		at = &objects.lines[line].beside;
		line = mine;
	}
	atomic_store(&o->listed, false);
	place(o->key, -1);
}

/* An address that comes again in another line is a later generation there. */
static void outlive(const struct object *o)
{
	uint32_t next = atomic_load(&o->generation) + 1;

	if (next > atomic_load(&objects.state->generation))
		atomic_store(&objects.state->generation, next);
}

size_t object_retire(struct object **lines, size_t room)
{
	struct state *state = objects.state;
	uint32_t n = atomic_load(&state->n);
	bool is_short = n > objects.max / 2;
	size_t found = 0;

	n = n < objects.max ? n : objects.max - 1;
	for (uint32_t i = 0; i < LOOKED_AT && i < n && found < room; i++) {
		struct object *o;

		state->hand = state->hand < n ? state->hand + 1 : 1;
		o = &objects.lines[state->hand];
		if (!has_ended(o, is_short))
			continue;
		outlive(o);
		unlist(o);
		lines[found++] = o;
	}
	return found;
}

void object_reuse(struct object *line)
{
	line->key = 0;
	atomic_store(&line->id, 0);
	give_back((uint32_t)(line - objects.lines));
}
