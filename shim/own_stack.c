/* SPDX-License-Identifier: MIT */
#include "own_stack.h"

#include <pthread.h>
#include <signal.h>

#include "process.h"
#include "sys.h"

__thread struct own_stack own_stack;

/*
 * glibc keeps the thread's descriptor, which pthread_self() points to, at the
 * upper end of a stack it was given or made; how far it reaches down is a
 * guess that is only used to tell this stack from others.
 */
static void guess(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	uintptr_t top = (uintptr_t)pthread_self();

	if (here < top && top - here < (8u << 20)) {
		own_stack.high = top;
		own_stack.low = here > (1u << 20) ? here - (1u << 17) : 0;
	}
}

void own_stack_learn(uintptr_t low, uintptr_t high)
{
	if (high)
		own_stack = (struct own_stack){ low, high, true };
	else if (!own_stack.high)
		guess();
}

bool own_stack_is_other(const void *frame)
{
	stack_t alternate;

	return process_is_fenced() ||
	       sys_call3(SYS_sigaltstack, NULL, &alternate, 0) < 0 ||
	       (!(alternate.ss_flags & SS_DISABLE) &&
		(uintptr_t)frame - (uintptr_t)alternate.ss_sp <
			alternate.ss_size);
}
