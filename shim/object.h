/* SPDX-License-Identifier: MIT */
/*
 * Objects: what the recorder keeps for each lock, condition, map ... of the
 * process.  One line of 64 bytes an object, shared by all threads, in private
 * memory: a forked child finds an empty table.
 *
 * An object whose memory comes again as another gets a new number (a new
 * generation) in the same line.  A line whose object has ended may be given to
 * another address: reclaim.h.
 *
 * Who looks for a line, and uses it, does so with a context that is busy or
 * with a guard: only then is the line what it was found to be.
 */
#ifndef SHIM_OBJECT_H
#define SHIM_OBJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmshim/trace.h"

/*
 * Classes of objects here: those of the trace, and some that are one of those
 * in the trace (object_trace_class) but have a layout of their own.
 */
enum object_class {
	OBJECT_MUTEX = CMSHIM_MUTEX,
	OBJECT_RWLOCK = CMSHIM_RWLOCK,
	OBJECT_CONDITION = CMSHIM_CONDITION,
	OBJECT_SEMAPHORE = CMSHIM_SEMAPHORE,
	OBJECT_BARRIER = CMSHIM_BARRIER,
	OBJECT_SPINLOCK = CMSHIM_SPINLOCK,
	OBJECT_ONCE = CMSHIM_ONCE,
	OBJECT_MAP = CMSHIM_MAP,
	OBJECT_FUTEX = CMSHIM_FUTEX,
	OBJECT_CHANNEL = CMSHIM_CHANNEL,
	OBJECT_GMUTEX = 12, /* GLib's, and what else is no pthread mutex */
	OBJECT_GCOND = 13,
	OBJECT_OWN_RWLOCK = 14,	   /* a read-write lock that is not libc's */
	OBJECT_THREAD_HANDLE = 15, /* not in traces */
};

static inline enum cmshim_class object_trace_class(enum object_class class)
{
	return class == OBJECT_GMUTEX	    ? CMSHIM_MUTEX
	       : class == OBJECT_GCOND	    ? CMSHIM_CONDITION
	       : class == OBJECT_OWN_RWLOCK ? CMSHIM_RWLOCK
					    : (enum cmshim_class) class;
}

/* Address and class in one number; 0 is no object. */
static inline uint64_t object_key(const volatile void *address,
				  enum object_class class)
{
	return (uint64_t)(uintptr_t)address << 4 | class;
}

/*
 * Of several locks at one address, such as the bits of a word: which one, from
 * 0 to 31, stands where no address of a user's has bits.
 */
static inline uint64_t object_bit_key(const volatile void *address, int bit,
				      enum object_class class)
{
	return object_key(address, class) | (uint64_t)(bit & 31) << 59;
}

static inline uint64_t object_address(uint64_t key)
{
	return key << 5 >> 9;
}

static inline enum object_class object_class(uint64_t key)
{
	return (enum object_class)(key & 15);
}

struct object {
	uint64_t key;
	/*
	 * The last number given.  What is done while the object is held
	 * exclusively adds to it plainly: the lock itself keeps others out.
	 * Everything else adds atomically.
	 */
	_Atomic uint64_t number;
	/*
	 * Maps only.  Writes that have entered, above 16 bits that say how
	 * many are inside now.
	 */
	_Atomic uint64_t vword;
	/* In definitions: see object_id().  Given out when it is defined: 0
	   until then; or RETIRED. */
	_Atomic uint32_t id;
	_Atomic uint32_t waiting; /* threads that wait for it */
	_Atomic uint32_t generation;
	/* The next line of the same list, or of those that are free. */
	_Atomic uint32_t beside;
	/* Of a map the number of this generation's first write; of a futex
	   the address that its waiters were moved to, or its own, if others'
	   were moved to it. */
	_Atomic uint64_t first;
	_Atomic uint64_t destroyed; /* the number of its last DESTROY */
	/* enum cmshim_kind, as last defined, and OBJECT_HANDED_ON. */
	_Atomic uint32_t kind;
	_Atomic bool listed; /* in the table: may be taken out */
	bool pinned;	     /* see reclaim.c */
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct object) == 64, "one cache line");

/* Of a map's vword. */
#define MAP_ONE_START ((uint64_t)1 << 16)
#define MAP_ACTIVE    (MAP_ONE_START - 1)

/* Beside an object's kind: it was given up by a thread that did not take it,
   and who took it is not told so. */
#define OBJECT_HANDED_ON (1u << 31)

/* In a line's id: it is no object's any more, and not yet another's. */
#define RETIRED UINT32_MAX

/* The number that definitions know the object by; 0: none, or none any more.
   A number is never given twice, so who finds the one it knows has the object
   it knows. */
static inline uint32_t object_id(const struct object *object)
{
	uint32_t id = atomic_load_explicit(&object->id, memory_order_acquire);

	return id == RETIRED ? 0 : id;
}

/* The last number that an event of the object has. */
static inline uint64_t object_last(struct object *object)
{
	return object_class(object->key) == OBJECT_MAP
		       ? atomic_load(&object->vword) / MAP_ONE_START
		       : atomic_load(&object->number);
}

/* Sets the table up for this process.  False: no memory. */
bool object_begin(void);

/*
 * The line of an object, made if it is not there.  NULL: the table is full.
 * Two threads that meet a new object at once both get the same line; neither
 * waits.
 */
struct object *object_find(uint64_t key);

/* The line of an object that is there; else NULL. */
struct object *object_look_up(uint64_t key);

/* A guard, for who has no busy context.  Guards nest; none waits. */
_Atomic uint32_t *object_guard(void);
void object_unguard(_Atomic uint32_t *guard);

/* Whether the object is there; needs no guard. */
bool object_is_there(uint64_t key);

/*
 * Where objects lie.  Memory is divided into places of 2 KiB; a byte for each
 * says how many lines of objects there are, 255 for more.  Of places that are
 * a multiple of 4 GiB apart the byte is the same.  A forked child keeps its
 * parent's bytes, which cost it time and nothing else.
 */
#define PLACE_SHIFT 11
#define PLACE_BITS  21

/* A look at eight bytes may reach past the end: the first ones are there
   again. */
extern _Atomic uint8_t object_places[(1u << PLACE_BITS) + 8];

/* What a look at the bytes from one address on covers, at least. */
#define OBJECT_NEAR_BYTES ((size_t)7 << PLACE_SHIFT)

/* Those from the address's place on, its own lowest. */
static inline uint64_t object_counts(const void *address)
{
	size_t place =
		((uintptr_t)address >> PLACE_SHIFT) & ((1u << PLACE_BITS) - 1);
	uint64_t counts;

	__builtin_memcpy(&counts, (const char *)object_places + place,
			 sizeof(counts));
	return counts;
}

/* Whether an object may lie in the OBJECT_NEAR_BYTES from the address on. */
static inline bool object_is_near(const void *address)
{
	return object_counts(address) != 0;
}

/* Whether one may lie in so many bytes, 1 to OBJECT_NEAR_BYTES. */
static inline bool object_is_in(const void *address, size_t bytes)
{
	size_t last = ((uintptr_t)address % (1u << PLACE_SHIFT) + bytes - 1) >>
		      PLACE_SHIFT;

	return object_counts(address) << (7 - last) * 8;
}

/* Calls function for the objects of all classes in [from, end). */
void object_each(uintptr_t from, uintptr_t end,
		 void (*function)(struct object *object, void *data),
		 void *data);

/* The lowest address of a live object in [from, end); UINTPTR_MAX: none. */
uintptr_t object_lowest(uintptr_t from, uintptr_t end);

/*
 * Ends the life of the object that has that number in definitions: the next
 * one seen at its address is another.
 */
void object_end(struct object *object, uint32_t id);

/*
 * Lines that are given again, by one thread at a time: reclaim.c.
 *
 * object_retire() looks at the next few thousand lines, takes those of ended
 * objects out of the table, `room` at most, and returns how many; nobody who
 * begins to look from then on finds them.  When all who have begun before are
 * done object_reuse() gives one to whoever needs one next.
 */
size_t object_retire(struct object **lines, size_t room);
void object_reuse(struct object *line);

/* Whether it is time to retire some; true once for each time. */
bool object_is_due(void);

/* A bit for each guard that nobody has at the moment; of all of them. */
uint64_t object_free_guards(void);
#define OBJECT_ALL_GUARDS UINT64_MAX

#endif
