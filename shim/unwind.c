/* SPDX-License-Identifier: MIT */
/*
 * libunwind is asked once per code address, not once per event: a step of
 * its cursor costs about a microsecond, takes locks and makes system calls.
 *
 * What a rule looks like cannot be asked of its interface, so it is found by
 * experiment: a step is made from the true registers, and another from the
 * same ones with the frame pointer and all the others moved by different
 * distances.  If the canonical frame address stays, it depends on the stack
 * pointer alone; if it moves as the frame pointer did, on that alone;
 * anything else (a realigned stack, an expression) is not followed.  With
 * that a rule is a function of the code address, and a walk needs nothing but
 * this table and the stack.
 *
 * The library is opened, not linked against.  Debian's libunwind.so.8 exports
 * the _Unwind_... functions of libgcc; in the program's global scope they
 * would be found by a libgcc_s that is loaded later (glibc loads it for the
 * first thread that is cancelled), half of whose calls then end in libunwind:
 * a cancellation inside pthread_once() crashed (libunwind8 1.6.2-3).
 */
#include "unwind.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define UNW_LOCAL_ONLY
#include <libunwind.h>

#include "context.h"
#include "imports.h"
#include "module.h"
#include "process.h"
#include "real.h"
#include "sys.h"
#include "unwind_rules.h"

/* libunwind wants 5 KiB of stack, its system calls' wrappers a little. */
#define STACK_NEEDED (16 << 10)

/* Set while somebody is inside libunwind or our own tables.  Kept too: a child
   that was made meanwhile finds them half changed, and learns nothing. */
static atomic_bool inside;

static bool take(void)
{
	return !atomic_exchange_explicit(&process->unwinding, true,
					 memory_order_acquire);
}

void unwind_lock(void)
{
	while (!take())
		sys_call3(SYS_sched_yield, 0, 0, 0);
}

void unwind_unlock(void)
{
	atomic_store_explicit(&process->unwinding, false, memory_order_release);
}

/*
 * Learning takes microseconds, so who comes second waits a moment, then lets
 * others run, as the first may have been preempted; but never for a thread
 * that may be stopped: what is not learnt now is learnt later.
 */
static bool try_lock(void)
{
	for (int i = 0; i < 2000; i++) {
		if (take())
			return true;
		if (i % 100 == 99)
			sys_call3(SYS_sched_yield, 0, 0, 0);
#if defined(__x86_64__)
		__builtin_ia32_pause();
#endif
	}
	return false;
}

#if defined(__x86_64__)

/* What is used of libunwind.  The header's names are macros. */
#define NAME_OF_(symbol) #symbol
#define NAME_OF(symbol)	 NAME_OF_(symbol)
#define FUNCTIONS(X)                      \
	X(init, unw_init_local)           \
	X(proc_info, unw_get_proc_info)   \
	X(is_signal, unw_is_signal_frame) \
	X(step, unw_step)                 \
	X(reg, unw_get_reg)               \
	X(save_loc, unw_get_save_loc)     \
	X(flush, unw_flush_cache)

static struct {
#define X(name, function) __typeof__(function) *name;
	FUNCTIONS(X)
#undef X
	unw_addr_space_t *space;
} lib;

/*
 * While we are the ones who use it, what libunwind asks of the system is
 * answered here.
 *
 * - The list of modules: the dynamic linker's comes with its lock, which a
 *   thread that waits for the thread we record in may hold.  It is told of one,
 *   that of the address in question: it would look at each of some hundreds.
 * - To block signals: they are, and it does so a dozen times for each step.
 * - Whether an address can be read.  It asks that of addresses it was led to
 *   by bad or missing unwind information, and at the end of a stack, by
 *   mincore(2) and by writing the byte into a pipe that it keeps open: a
 *   descriptor that the program can see, may close, and may then be given
 *   again for a file of its own.  No pipe, then: what can be read is the
 *   stack in use and the modules.  A question about anything else comes from
 *   unwind information that is wrong, as that of assembly can be.
 */
static uintptr_t asked; /* the address in question */

static bool is_ours(void)
{
	const struct context *c = context_self;

	return c &&
	       atomic_load_explicit(&c->busy, memory_order_relaxed) == BUSY_OWN;
}

static bool is_readable(const void *address)
{
	uintptr_t page = (uintptr_t)address & ~(uintptr_t)4095;
	uintptr_t used = (uintptr_t)__builtin_frame_address(0);

	return (page >= (used & ~(uintptr_t)4095) &&
		page < context_self->stack_high) ||
	       module_has((uintptr_t)address);
}

static int answer_dl_iterate_phdr(int (*callback)(struct dl_phdr_info *, size_t,
						  void *),
				  void *data)
{
	return is_ours() ? module_tell(asked, callback, data)
			 : dl_iterate_phdr(callback, data);
}

static int answer_sigprocmask(int how, const sigset_t *set, sigset_t *before)
{
	if (!is_ours())
		return sigprocmask(how, set, before);
	if (before)
		sigfillset(before);
	return 0;
}

static int answer_mincore(void *address, size_t bytes, unsigned char *resident)
{
	if (!is_ours())
		return mincore(address, bytes, resident);
	if (!is_readable(address)) {
		errno = ENOMEM;
		return -1;
	}
	memset(resident, 1, (bytes + 4095) / 4096);
	return 0;
}

static int answer_pipe2(int ends[2], int flags)
{
	if (!is_ours())
		return pipe2(ends, flags);
	ends[0] = ends[1] = -1;
	return 0;
}

static ssize_t answer_read(int fd, void *buffer, size_t bytes)
{
	if (!is_ours())
		return read(fd, buffer, bytes);
	errno = EAGAIN; /* the pipe is empty */
	return -1;
}

static ssize_t answer_write(int fd, const void *buffer, size_t bytes)
{
	if (!is_ours())
		return write(fd, buffer, bytes);
	if (is_readable(buffer))
		return (ssize_t)bytes;
	errno = EFAULT;
	return -1;
}

static long answer_syscall(long number, long a, long b, long c, long d, long e,
			   long f)
{
	if (!is_ours() || number != SYS_write)
		return syscall(number, a, b, c, d, e, f);
	return answer_write((int)a, (const void *)b, (size_t)c);
}

/*
 * Its lock is none of the program's.  A program that unwinds by itself holds
 * it where we would record that, and we would want it for the stack.
 */
static int answer_pthread_mutex_lock(pthread_mutex_t *m)
{
	return real.pthread_mutex_lock(m);
}

static int answer_pthread_mutex_unlock(pthread_mutex_t *m)
{
	return real.pthread_mutex_unlock(m);
}

#define ANSWER(name)                                 \
	{                                            \
#name, (void (*)(void))answer_##name \
	}

static const struct import answers[] = {
	ANSWER(dl_iterate_phdr),
	ANSWER(sigprocmask),
	ANSWER(mincore),
	ANSWER(pipe2),
	ANSWER(read),
	ANSWER(write),
	ANSWER(syscall),
	ANSWER(pthread_mutex_lock),
	ANSWER(pthread_mutex_unlock),
};

static bool open_library(void)
{
	void *opened = real_own_library("libunwind.so.8");

	if (!opened)
		return false;
#define X(name, function)                                                   \
	*(void **)(&lib.name) = real_own_symbol(opened, NAME_OF(function)); \
	if (!lib.name)                                                      \
		return false;
	FUNCTIONS(X)
#undef X
	lib.space = real_own_symbol(opened, NAME_OF(unw_local_addr_space));
	return lib.space != NULL &&
	       imports_redirect(opened, answers,
				sizeof(answers) / sizeof(answers[0]));
}

/* Kept off the stack: together 2 KiB.  Under the lock. */
static unw_context_t from;
static unw_cursor_t cursor;

enum outcome { STEPPED, STEP_END, STEP_FAILED };

struct after {
	uintptr_t cfa;
	bool is_end; /* a return address of zero */
	bool saves_fp;
	intptr_t fp_offset;
};

/* One step from made-up registers. */
static enum outcome step(const struct registers *at, uintptr_t others,
			 struct after *out)
{
	greg_t *regs = from.uc_mcontext.gregs;
	unw_proc_info_t proc;
	unw_save_loc_t loc;
	unw_word_t sp, ip;
	int r;

	memset(&from, 0, sizeof(from));
	for (int i = 0; i <= REG_RCX; i++)
		regs[i] = (greg_t)others;
	asked = at->pc;
	regs[REG_RIP] = (greg_t)at->pc;
	regs[REG_RSP] = (greg_t)at->sp;
	regs[REG_RBP] = (greg_t)at->fp;

	if (lib.init(&cursor, &from) < 0)
		return STEP_FAILED;
	/* Without unwind information a step would guess. */
	if (lib.proc_info(&cursor, &proc) < 0 || lib.is_signal(&cursor) > 0)
		return STEP_FAILED;
	r = lib.step(&cursor);
	if (r == 0)
		return STEP_END;
	if (r < 0 || lib.reg(&cursor, UNW_REG_SP, &sp) < 0 ||
	    lib.reg(&cursor, UNW_REG_IP, &ip) < 0)
		return STEP_FAILED;
	out->cfa = sp;
	out->is_end = ip == 0;

	if (lib.save_loc(&cursor, UNW_X86_64_RIP, &loc) < 0 ||
	    loc.type != UNW_SLT_MEMORY || loc.u.addr != sp - 8)
		return out->is_end ? STEP_END : STEP_FAILED;
	if (lib.save_loc(&cursor, UNW_X86_64_RBP, &loc) < 0)
		return STEP_FAILED;
	out->saves_fp = loc.type == UNW_SLT_MEMORY &&
			loc.u.addr != (unw_word_t)(uintptr_t)&regs[REG_RBP];
	out->fp_offset = out->saves_fp ? (intptr_t)(loc.u.addr - sp) : 0;
	return STEPPED;
}

/*
 * An unsaved register may be said to be in the context or nowhere; a saved
 * one lies within the frame, that is between sp and the CFA.
 */
static bool plausible(const struct registers *at, const struct after *a,
		      uintptr_t high)
{
	if (a->cfa <= at->sp || a->cfa > high || (a->cfa & 7))
		return false;
	return !a->saves_fp ||
	       (a->fp_offset < 0 && a->fp_offset >= -(1 << 24) &&
		a->cfa + (uintptr_t)a->fp_offset >= at->sp &&
		(a->fp_offset & 7) == 0);
}

static struct rule experiment(const struct registers *at, uintptr_t high)
{
	const uintptr_t fp_moved = 32, others_moved = 80;
	struct rule rule = { .kind = RULE_CUT };
	struct registers moved = *at;
	struct after first = { 0 }, second = { 0 };

	switch (step(at, at->sp + 8, &first)) {
	case STEP_END:
		rule.kind = RULE_END;
		return rule;
	case STEP_FAILED:
		return rule;
	case STEPPED:
		break;
	}
	if (first.is_end) {
		rule.kind = RULE_END;
		return rule;
	}
	if (!plausible(at, &first, high))
		return rule;

	/* The words it finds where the frame is not may be zero as well. */
	moved.fp += fp_moved;
	if (step(&moved, at->sp + 8 + others_moved, &second) != STEPPED ||
	    second.saves_fp != first.saves_fp ||
	    second.fp_offset != first.fp_offset)
		return rule;

	if (second.cfa == first.cfa) {
		rule.kind = RULE_SP;
		rule.cfa_offset = (int32_t)(first.cfa - at->sp);
	} else if (second.cfa == first.cfa + fp_moved) {
		rule.kind = RULE_FP;
		rule.cfa_offset = (int32_t)(first.cfa - at->fp);
	}
	rule.saves_fp = first.saves_fp;
	rule.fp_offset = (int32_t)first.fp_offset;
	return rule;
}

static void flush(void)
{
	if (rules_are_kept())
		lib.flush(*lib.space, 0, 0);
}

/* A step made from an address of our own, so that everything that libunwind
   sets up once is set up. */
static void warm_up(void)
{
	uintptr_t stack[64] = { 0 };
	struct registers here = { .pc = (uintptr_t)__builtin_return_address(0),
				  .sp = (uintptr_t)stack,
				  .fp = (uintptr_t)(stack + 32) };
	struct after unused;

	step(&here, (uintptr_t)stack, &unused);
}

#else

static bool open_library(void)
{
	return false;
}

static struct rule experiment(const struct registers *at, uintptr_t high)
{
	(void)at;
	(void)high;
	return (struct rule){ .kind = RULE_CUT };
}

static void flush(void)
{
}

static void warm_up(void)
{
}

#endif

void unwind_begin(void)
{
	if (!open_library())
		return; /* stacks are one frame deep */
	warm_up();
	rules_begin();
}

bool unwind_can_learn(const struct context *c)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	return rules_are_kept() && here >= c->stack_low + STACK_NEEDED &&
	       here < c->stack_high && !process_is_fenced();
}

struct rule unwind_learn(struct context *c, const struct registers *at)
{
	struct rule rule = { .kind = RULE_UNKNOWN };
	bool covered, gone;
	int error;

	if (!try_lock())
		return rule;
	if (atomic_exchange(&inside, true)) {
		unwind_unlock();
		return rule;
	}

	rule.kind = RULE_CUT;
	covered = module_covers(c, at->pc, &gone);
	if (gone)
		flush();
	if (covered) {
		error = errno;
		rule = experiment(at, c->stack_high);
		errno = error;
	}
	rules_set(at->pc, rule);
	atomic_store(&inside, false);
	unwind_unlock();
	return rule;
}

void unwind_forget(struct context *c)
{
	unwind_lock();
	if (atomic_load(&inside)) {
		rules_forget_all(); /* and none is learnt again */
	} else {
		atomic_store(&inside, true);
		if (module_find_gone(c))
			flush();
		atomic_store(&inside, false);
	}
	unwind_unlock();
}
