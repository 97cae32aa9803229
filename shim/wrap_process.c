/* SPDX-License-Identifier: MIT */
/*
 * Processes, and what else clone(2) makes.
 *
 * A forked child begins a trace of its own.  A child of vfork() has its
 * parent's memory and is waited for: what it does is recorded as the thread's
 * that made it, whose locks it takes and gives up.  vfork() itself cannot be
 * wrapped: what is called next would run on the wrapper's frame.
 */
#include "wrap.h"

#include <errno.h>
#include <linux/sched.h>

#include "owner.h"
#include "sys.h"

static void record_fork(const void *frame, uint32_t call)
{
	struct context *c = context_enter(frame);
	struct fields f = { .mask = CMSHIM_STACK };

	if (!c)
		return;
	f.stack = stack_of(c, frame);
	record_optional(&f, call, 0);
	encode(c, CMSHIM_OP_FORK, &f);
	context_leave(c);
}

/* pid: the child's; in the child there is nothing to do before its first
   event. */
static void record_forked(const void *frame, uint32_t call, pid_t pid)
{
	struct context *c = pid > 0 ? context_enter(frame) : NULL;
	struct fields f = { .mask = CMSHIM_ARG, .arg = (uint64_t)pid };

	if (!c)
		return;
	record_optional(&f, call, 0);
	encode(c, CMSHIM_OP_FORKED, &f);
	context_leave(c);
}

#define FORK(name, number)                         \
	EXPORT pid_t name(void)                    \
	{                                          \
		pid_t pid;                         \
		int error;                         \
                                                   \
		record_fork(FRAME, number);        \
		pid = PASS(name, ());              \
		error = errno;                     \
		if (pid == 0)                      \
			process_forked();          \
		record_forked(FRAME, number, pid); \
		errno = error;                     \
		return pid;                        \
	}

FORK(fork, NATURAL)
FORK(_Fork, CALL__Fork)

/* libc's child shares our memory until it has another program; it calls
   nothing of ours.  The caller may not want the pid. */
#define SPAWN(name)                                                            \
	EXPORT int wrapped_##name(pid_t *pid, const char *file,                \
				  const void *actions, const void *attributes, \
				  char *const *argv,                           \
				  char *const *environment) __asm__(#name);    \
	int wrapped_##name(pid_t *pid, const char *file, const void *actions,  \
			   const void *attributes, char *const *argv,          \
			   char *const *environment)                           \
	{                                                                      \
		pid_t child = 0;                                               \
		int r;                                                         \
                                                                               \
		record_fork(FRAME, CALL_##name);                               \
		r = PASS(name, (&child, file, actions, attributes, argv,       \
				environment));                                 \
		if (r == 0) {                                                  \
			if (pid)                                               \
				*pid = child;                                  \
			record_forked(FRAME, CALL_##name, child);              \
		}                                                              \
		return r;                                                      \
	}

SPAWN(posix_spawn)
SPAWN(posix_spawnp)

/*
 * Whether what is made runs beside its maker with the same thread-local
 * storage, in which nothing but a system call tells the two apart.
 */
static bool lends(uint64_t flags)
{
	return (flags & CLONE_VM) && !(flags & (CLONE_SETTLS | CLONE_VFORK));
}

void before_clone(const void *frame, uint64_t flags)
{
	if (lends(flags))
		owner_lends(frame);
}

/* clone(2) is declared with an ellipsis: see prctl() in wrap_thread.c. */
EXPORT int wrapped_clone(int (*function)(void *), void *stack, int flags,
			 void *arg, void *parent_tid, void *tls,
			 void *child_tid) __asm__("clone");

int wrapped_clone(int (*function)(void *), void *stack, int flags, void *arg,
		  void *parent_tid, void *tls, void *child_tid)
{
	const bool forks = !(flags & CLONE_VM);
	int r, error;

	if (forks)
		record_fork(FRAME, CALL_clone);
	before_clone(FRAME, (uint64_t)flags);
	r = PASS(clone,
		 (function, stack, flags, arg, parent_tid, tls, child_tid));
	error = errno;
	if (forks)
		record_forked(FRAME, CALL_clone, r);
	errno = error;
	return r;
}
