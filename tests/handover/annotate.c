/* SPDX-License-Identifier: MIT */
/*
 * Annotations: a hand-over by an atomic variable, and a lock of the program's
 * own, said by annotate.h; the same said by the functions that programs were
 * annotated with for other tools, old and new.
 *
 * build: -pthread
 * steps: 7
 * taken: 4 own lock
 */
#include <pthread.h>

#include "cmshim/annotate.h"

#include "handover.h"

#define STEPS 7

#define DYNAMIC(name)                              \
	__attribute__((weak)) void Annotate##name( \
		const char *file, int line, const volatile void *object);
#define DYNAMIC_LOCK(name)                                             \
	__attribute__((weak)) void AnnotateRWLock##name(               \
		const char *file, int line, const volatile void *lock, \
		long is_write);
DYNAMIC(HappensBefore)
DYNAMIC(HappensAfter)
DYNAMIC(CondVarSignal)
DYNAMIC(CondVarSignalAll)
DYNAMIC(PCQPut)
DYNAMIC(PCQGet)
DYNAMIC(RWLockCreate)
DYNAMIC(RWLockDestroy)
DYNAMIC_LOCK(Acquired)
DYNAMIC_LOCK(Released)
__attribute__((weak)) void AnnotateCondVarWait(const char *file, int line,
					       const volatile void *object,
					       const volatile void *lock);

/* As such headers do. */
#define ANNOTATE(name, ...)                                              \
	do {                                                             \
		if (Annotate##name)                                      \
			Annotate##name(__FILE__, __LINE__, __VA_ARGS__); \
	} while (0)

static int objects[STEPS];
static int own_lock, annotated_lock;

static void give(int step)
{
	int *object = &objects[step];

	before_giving(step);
	switch (step) {
	case 0:
		cmshim_happens_before(object);
		break;
	case 1:
		cmshim_lock_acquired(&own_lock, 0);
		cmshim_lock_released(&own_lock, 0);
		break;
	case 2:
		ANNOTATE(RWLockAcquired, &annotated_lock, 1);
		ANNOTATE(RWLockReleased, &annotated_lock, 1);
		break;
	case 3:
		ANNOTATE(HappensBefore, object);
		break;
	case 4:
		ANNOTATE(CondVarSignal, object);
		break;
	case 5:
		ANNOTATE(CondVarSignalAll, object);
		break;
	case 6:
		ANNOTATE(PCQPut, object);
		break;
	}
	after_giving(step);
}

static void take(int step)
{
	int *object = &objects[step];

	until_given(step);
	switch (step) {
	case 0:
		cmshim_happens_after(object);
		break;
	case 1:
		cmshim_lock_acquired(&own_lock, 1);
		cmshim_lock_released(&own_lock, 1);
		break;
	case 2:
		ANNOTATE(RWLockAcquired, &annotated_lock, 0);
		ANNOTATE(RWLockReleased, &annotated_lock, 0);
		break;
	case 3:
		ANNOTATE(HappensAfter, object);
		break;
	case 4:
	case 5:
		ANNOTATE(CondVarWait, object, NULL);
		break;
	case 6:
		ANNOTATE(PCQGet, object);
		break;
	}
	after_taking(step);
}

static void *taker(void *unused)
{
	for (int step = 0; step < STEPS; step++)
		take(step);
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t t;

	begin(argc, argv);
	cmshim_lock_acquired(&own_lock, 0);
	cmshim_lock_released(&own_lock, 0);
	cmshim_name_object(&own_lock, "own lock");
	ANNOTATE(RWLockCreate, &annotated_lock);
	pthread_create(&t, NULL, taker, NULL);
	for (int step = 0; step < STEPS; step++)
		give(step);
	pthread_join(t, NULL);
	cmshim_lock_acquired(&own_lock, 1);
	cmshim_lock_released(&own_lock, 1);
	ANNOTATE(RWLockDestroy, &annotated_lock);
	return end(STEPS);
}
