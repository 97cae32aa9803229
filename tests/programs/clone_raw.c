/* SPDX-License-Identifier: MIT */
/*
 * Threads by hand: made by syscall(2), with clone and clone3, in their maker's
 * memory and without thread-local storage of their own.  They and their maker
 * lock at the same time.  What they do is not recorded, and harms nothing.
 *
 * loss: may
 * locks: 2
 * expect: nothing
 */
#include <linux/sched.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "clone.h"

/* The call that made it returns to here, on the new stack. */
static void run(void)
{
	run_beside();
	for (;;)
		syscall(SYS_exit, 0);
}

/* A stack of which the first word is where to go. */
static uintptr_t *stack(void)
{
	uintptr_t *top = (uintptr_t *)(void *)new_stack() - 2;

	*top = (uintptr_t)run;
	return top;
}

int main(void)
{
	struct clone_args args = { .flags = THREAD_FLAGS };
	uintptr_t *top = stack();

	go_on_beside(syscall(SYS_clone, THREAD_FLAGS, top, NULL, NULL, 0));
	top = stack();
	args.stack = (uintptr_t)top - 65536;
	args.stack_size = 65536;
	go_on_beside(syscall(SYS_clone3, &args, sizeof(args)));
	puts("all ended");
	return 0;
}
