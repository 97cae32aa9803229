/* SPDX-License-Identifier: MIT */
/*
 * A process and a thread, made by clone(2) in this one's memory and without
 * thread-local storage of their own: libc and the recorder find their maker's.
 * They and their maker lock at the same time.  What they do is not recorded,
 * and harms nothing.
 *
 * loss: may
 * locks: 2
 * expect: nothing
 */
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "program.h"

#define ROUNDS	    100000
#define STACK_BYTES (256 * 1024)

/* The flags of a thread by hand. */
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

static int run(void *unused)
{
	(void)unused;
	meet(&begun, 2);
	use(others);
	__atomic_store_n(&over, 1, __ATOMIC_RELEASE);
	return 5;
}

static int start(int flags)
{
	char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int id;

	must(stack != MAP_FAILED, "have a stack");
	begun = over = 0;
	id = clone(run, stack + STACK_BYTES, flags, NULL);
	must(id > 0, "make it");
	meet(&begun, 2);
	use(mine);
	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE))
		sched_yield();
	return id;
}

int main(void)
{
	int pid = start(CLONE_VM | SIGCHLD), status;

	must(waitpid(pid, &status, 0) == pid, "wait");
	IS(5, WEXITSTATUS(status));
	start(THREAD_FLAGS);
	puts("all ended");
	return 0;
}
