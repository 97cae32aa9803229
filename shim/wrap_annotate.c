/* SPDX-License-Identifier: MIT */
/*
 * What include/cmshim/annotate.h looks for, and the functions of
 * dynamic_annotations.h that say something about order.
 *
 * A library that was annotated brings these functions itself, empty as a rule;
 * ours stand in front of them, and call them.
 */
#include "wrap.h"

#include <errno.h>

#include "bracket.h"
#include "channel.h"
#include "label.h"

/* The family of maps that programs speak of: see maps.def. */
#define TOLD_MAPS 99

static void took(const void *frame, const volatile void *lock, bool shared,
		 uint32_t call)
{
	struct context *c = context_enter(frame);

	if (!c)
		return;
	record_acquire(c, frame, object_key(lock, OBJECT_OWN_RWLOCK), shared,
		       call, 0);
	context_leave(c);
}

static void gave_up(const void *frame, const volatile void *lock)
{
	struct context *c = context_enter(frame);

	if (!c)
		return;
	record_release(c, frame, object_key(lock, OBJECT_OWN_RWLOCK));
	context_leave(c);
}

EXPORT void cmshim_on_happens_before(const volatile void *object)
{
	channel_give(FRAME, object, CALL_cmshim_on_happens_before);
}

EXPORT void cmshim_on_happens_after(const volatile void *object)
{
	channel_take(FRAME, object, CALL_cmshim_on_happens_after);
}

EXPORT void cmshim_on_lock_acquired(const volatile void *lock, int shared)
{
	took(FRAME, lock, shared, CALL_cmshim_on_lock_acquired);
}

/* How it was held is known from the acquire. */
EXPORT void cmshim_on_lock_released(const volatile void *lock, int shared)
{
	(void)shared;
	gave_up(FRAME, lock);
}

/* The program says which key it is by its address. */
static struct key key_at(const void *key)
{
	return (struct key){ .kind = key ? KEY_POINTER : KEY_NONE, .at = key };
}

/* A call that takes no time: it overlaps with nothing. */
static void map_call(const void *frame, const volatile void *map,
		     const void *key, struct bracket_call call)
{
	if (bracket_enter(frame, map, key_at(key), call))
		bracket_exit(frame, (struct bracket_told){ 0 });
}

EXPORT void cmshim_on_map_read(const volatile void *map, const void *key)
{
	map_call(FRAME, map, key,
		 (struct bracket_call){
			 .call = { .op = BRACKET_READ,
				   .family = TOLD_MAPS,
				   .number = CALL_cmshim_on_map_read },
		 });
}

EXPORT void cmshim_on_map_write(const volatile void *map, const void *key)
{
	map_call(FRAME, map, key,
		 (struct bracket_call){
			 .call = { .op = BRACKET_WRITE,
				   .family = TOLD_MAPS,
				   .number = CALL_cmshim_on_map_write },
		 });
}

EXPORT void cmshim_on_name_object(const volatile void *object, const char *name)
{
	struct context *c = object && name ? context_enter(FRAME) : NULL;

	if (!c)
		return;
	label_set(c, (uint64_t)(uintptr_t)object, name);
	context_leave(c);
}

/* The library's own, if one has it: not looked for again in each call. */
#define PASS_ON(name, args)             \
	do {                            \
		if (real.name)          \
			real.name args; \
	} while (0)

#define BEFORE(name)                                      \
	EXPORT void name(const char *file, int line,      \
			 const volatile void *object)     \
	{                                                 \
		channel_give(FRAME, object, CALL_##name); \
		PASS_ON(name, (file, line, object));      \
	}
#define AFTER(name)                                       \
	EXPORT void name(const char *file, int line,      \
			 const volatile void *object)     \
	{                                                 \
		PASS_ON(name, (file, line, object));      \
		channel_take(FRAME, object, CALL_##name); \
	}

BEFORE(AnnotateHappensBefore)
BEFORE(AnnotateCondVarSignal)
BEFORE(AnnotateCondVarSignalAll)
BEFORE(AnnotatePCQPut)
AFTER(AnnotateHappensAfter)
AFTER(AnnotatePCQGet)

EXPORT void AnnotateCondVarWait(const char *file, int line,
				const volatile void *object,
				const volatile void *lock)
{
	PASS_ON(AnnotateCondVarWait, (file, line, object, lock));
	channel_take(FRAME, object, CALL_AnnotateCondVarWait);
}

static void made(const void *frame, const volatile void *lock, uint32_t call)
{
	struct context *c = context_enter(frame);

	if (!c)
		return;
	record_init(c, frame, object_key(lock, OBJECT_OWN_RWLOCK), call, 0);
	context_leave(c);
}

EXPORT void AnnotateRWLockCreate(const char *file, int line,
				 const volatile void *lock)
{
	PASS_ON(AnnotateRWLockCreate, (file, line, lock));
	made(FRAME, lock, CALL_AnnotateRWLockCreate);
}

EXPORT void AnnotateRWLockCreateStatic(const char *file, int line,
				       const volatile void *lock)
{
	PASS_ON(AnnotateRWLockCreateStatic, (file, line, lock));
	made(FRAME, lock, CALL_AnnotateRWLockCreateStatic);
}

EXPORT void AnnotateRWLockDestroy(const char *file, int line,
				  const volatile void *lock)
{
	struct context *c = context_enter(FRAME);

	if (c) {
		record_numbered(
			c, FRAME, object_key(lock, OBJECT_OWN_RWLOCK),
			CMSHIM_OP_DESTROY,
			&(struct fields){ .mask = CMSHIM_CALL,
					  .call = CALL_AnnotateRWLockDestroy });
		context_leave(c);
	}
	PASS_ON(AnnotateRWLockDestroy, (file, line, lock));
}

EXPORT void AnnotateRWLockAcquired(const char *file, int line,
				   const volatile void *lock, long is_write)
{
	PASS_ON(AnnotateRWLockAcquired, (file, line, lock, is_write));
	took(FRAME, lock, !is_write, CALL_AnnotateRWLockAcquired);
}

EXPORT void AnnotateRWLockReleased(const char *file, int line,
				   const volatile void *lock, long is_write)
{
	gave_up(FRAME, lock);
	PASS_ON(AnnotateRWLockReleased, (file, line, lock, is_write));
}
