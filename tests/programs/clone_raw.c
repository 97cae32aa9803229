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
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "program.h"

#define ROUNDS	    100000
#define STACK_BYTES (256 * 1024)

#define THREAD_FLAGS                                                         \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_SYSVSEM | \
	 CLONE_THREAD)

static pthread_mutex_t mine[2] = { PTHREAD_MUTEX_INITIALIZER,
				   PTHREAD_MUTEX_INITIALIZER };
static pthread_mutex_t others[2] = { PTHREAD_MUTEX_INITIALIZER,
				     PTHREAD_MUTEX_INITIALIZER };
static int begun, over;

static void use(pthread_mutex_t *locks)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&locks[0]);
		pthread_mutex_lock(&locks[1]);
		pthread_mutex_unlock(&locks[1]);
		pthread_mutex_unlock(&locks[0]);
	}
}

/* The call that made it returns to here, on the new stack. */
static void run(void)
{
	meet(&begun, 2);
	use(others);
	__atomic_store_n(&over, 1, __ATOMIC_RELEASE);
	for (;;)
		syscall(SYS_exit, 0);
}

/* A stack of which the first word is where to go. */
static uintptr_t *stack(void)
{
	char *low = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uintptr_t *top = (uintptr_t *)(void *)(low + STACK_BYTES) - 2;

	must(low != MAP_FAILED, "have a stack");
	*top = (uintptr_t)run;
	begun = over = 0;
	return top;
}

static void beside(long id)
{
	must(id > 0, "make it");
	meet(&begun, 2);
	use(mine);
	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE))
		sched_yield();
}

int main(void)
{
	struct clone_args args = { .flags = THREAD_FLAGS };
	uintptr_t *top = stack();

	beside(syscall(SYS_clone, THREAD_FLAGS, top, NULL, NULL, 0));
	top = stack();
	args.stack = (uintptr_t)top - 65536;
	args.stack_size = 65536;
	beside(syscall(SYS_clone3, &args, sizeof(args)));
	puts("all ended");
	return 0;
}
