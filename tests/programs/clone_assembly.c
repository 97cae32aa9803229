/* SPDX-License-Identifier: MIT */
/*
 * A thread by hand: made by this program's own instructions, in its maker's
 * memory and without thread-local storage of its own.  It and its maker lock
 * at the same time, the same two mutexes in different orders, which is no
 * order of one thread's.  What it does is not recorded, and harms nothing.
 * (coroutines_order.c is about a thread that is on another stack as well.)
 *
 * loss: may
 * locks: 4
 * expect: nothing
 */
#include <sys/syscall.h>

#include "clone.h"

static pthread_mutex_t in_turn[2] = { PTHREAD_MUTEX_INITIALIZER,
				      PTHREAD_MUTEX_INITIALIZER };

static void take_both(pthread_mutex_t *first, pthread_mutex_t *second)
{
	pthread_mutex_lock(first);
	pthread_mutex_lock(second);
	pthread_mutex_unlock(second);
	pthread_mutex_unlock(first);
}

static void run(void)
{
	take_both(&in_turn[1], &in_turn[0]);
	run_beside();
	for (;;)
		syscall(SYS_exit, 0);
}

#if defined(__x86_64__)
/* What is made calls run() on the new stack, in which no frame is above. */
static long make_thread(void *stack)
{
	register long r10 __asm__("r10") = 0;
	register long r8 __asm__("r8") = 0;
	long id = SYS_clone;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "call *%[run]\n"
			 "1:"
			 : "+a"(id)
			 : "D"(THREAD_FLAGS), "S"(stack), "d"(0), "r"(r10),
			   "r"(r8), [run] "r"(run)
			 : "rcx", "r11", "memory");
	return id;
}
#else
static long make_thread(void *stack)
{
	return syscall(SYS_clone, THREAD_FLAGS, stack, NULL, NULL, 0);
}
#endif

int main(void)
{
	take_both(&in_turn[0], &in_turn[1]);
	go_on_beside(make_thread(new_stack()));
	puts("all ended");
	return 0;
}
