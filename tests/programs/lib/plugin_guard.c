/* SPDX-License-Identifier: MIT */
/*
 * A library for guard_own_library.c that has the C++ library's guards in
 * itself, as one linked with -static-libstdc++ has.  Where its names are
 * somebody else's, and its own out of reach, they have to work all the same.
 */
#include <sched.h>

int __cxa_guard_acquire(char *guard);
void __cxa_guard_release(char *guard);
void __cxa_guard_abort(char *guard);
int plugin_value(void);

static char guard[8] __attribute__((aligned(8)));
static int value, tries;

int __cxa_guard_acquire(char *g)
{
	while (__atomic_exchange_n(&g[1], 1, __ATOMIC_ACQ_REL))
		sched_yield();
	if (!__atomic_load_n(&g[0], __ATOMIC_ACQUIRE))
		return 1;
	__atomic_store_n(&g[1], 0, __ATOMIC_RELEASE);
	return 0;
}

void __cxa_guard_release(char *g)
{
	__atomic_store_n(&g[0], 1, __ATOMIC_RELEASE);
	__atomic_store_n(&g[1], 0, __ATOMIC_RELEASE);
}

void __cxa_guard_abort(char *g)
{
	__atomic_store_n(&g[1], 0, __ATOMIC_RELEASE);
}

/* A variable whose initialisation fails the first time. */
int plugin_value(void)
{
	while (!__atomic_load_n(&guard[0], __ATOMIC_ACQUIRE)) {
		if (!__cxa_guard_acquire(guard))
			continue;
		if (++tries == 1) {
			sched_yield();
			__cxa_guard_abort(guard);
			continue;
		}
		value += 40;
		__cxa_guard_release(guard);
	}
	return value + tries;
}
