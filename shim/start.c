/* SPDX-License-Identifier: MIT */
/*
 * When recording is on: from our constructor, which runs before those of the
 * other libraries (-z initfirst), to the end of the process.  Nothing needs to
 * be done at the end: what was stored is in the file.
 *
 * libc's own initialiser has not run then, and a dlopen() would run it without
 * the program's arguments and environment (glibc 2.36).  libunwind is opened
 * when the other constructors have run; until then stacks are one frame deep.
 */
#include <stddef.h>
#include <sys/resource.h>

#include "context.h"
#include "descriptor.h"
#include "given_up.h"
#include "options.h"
#include "process.h"
#include "sys.h"
#include "text.h"
#include "thread.h"
#include "unwind.h"
#include "wrap.h"

/* The dynamic linker's: where the first thread's stack began. */
extern void *__libc_stack_end;

static void complain(const char *variable)
{
	char line[128];
	struct text text = text_in(line, sizeof(line));

	text_add(&text, "cmshim: cannot understand ");
	text_add(&text, variable);
	text_add(&text, "; its default is used\n");
	sys_call3(SYS_write, 2, line, text.n);
}

/* The first thread's stack, which grows down to its limit. */
static struct thread_facts first_thread(void)
{
	struct thread_facts facts = { .stack_high =
					      (uintptr_t)__libc_stack_end };
	uintptr_t size = (uintptr_t)1 << 30;
	struct rlimit limit;

	if (sys_call4(SYS_prlimit64, 0, RLIMIT_STACK, NULL, &limit) == 0 &&
	    limit.rlim_cur < size)
		size = limit.rlim_cur;
	facts.stack_low = facts.stack_high - size;
	return facts;
}

__attribute__((constructor)) static void start(int argc, char **argv,
					       char **environment)
{
	struct thread_facts facts = first_thread();
	const char *bad;

	real_resolve();
	options_read(environment, &bad);
	if (bad)
		complain(bad);
	if (!process_prepare(argc, argv))
		return;
	descriptor_begin();
	thread_begin();
	if (!process_begin())
		return;
	context_attach(&facts);
	if (context_self) {
		struct signals saved = context_own(context_self);

		process_describe(context_self);
		context_own_end(context_self, saved);
	}
}

/* The last to be called before the program's own code; no header has it. */
int __libc_start_main(int (*body)(int, char **, char **), int argc, char **argv,
		      void (*init)(void), void (*fini)(void),
		      void (*rtld_fini)(void), void *stack_end);

EXPORT int __libc_start_main(int (*body)(int, char **, char **), int argc,
			     char **argv, void (*init)(void),
			     void (*fini)(void), void (*rtld_fini)(void),
			     void *stack_end)
{
	struct context *c = context_enter(FRAME);

	if (c) {
		struct signals saved = context_own(c);

		unwind_begin();
		context_own_end(c, saved);
		context_leave(c);
	}
	return PASS(__libc_start_main,
		    (body, argc, argv, init, fini, rtld_fini, stack_end));
}

__attribute__((destructor)) static void finish(void)
{
	given_up_end(FRAME);
	process_exits();
}
