/* SPDX-License-Identifier: MIT */
/*
 * When recording is on: from our constructor, which runs before those of the
 * other libraries (-z initfirst), to the end of the process.  Nothing needs to
 * be done at the end: what was stored is in the file.
 */
#include <stddef.h>
#include <sys/resource.h>

#include "context.h"
#include "options.h"
#include "process.h"
#include "real.h"
#include "sys.h"
#include "text.h"
#include "thread.h"
#include "unwind.h"

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
	struct thread_facts facts = { .stack_high = (uintptr_t)
					      __libc_stack_end };
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
	/* Before recording is on: what libunwind does at first is ours. */
	unwind_begin();
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

__attribute__((destructor)) static void finish(void)
{
	process_exits();
}
