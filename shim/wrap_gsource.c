/* SPDX-License-Identifier: MIT */
/*
 * GLib's main loops.
 *
 * Who adds a source to a GMainContext hands its callback, with what that will
 * look at, to the thread that runs the loop: the context is the channel.  The
 * calls that add are rows of calls.def.  Dispatching binds locally in libglib
 * and has no name to wrap; but libglib's kinds of source (idle, timeout,
 * descriptor, signal, child) have their functions in exported tables of
 * variables.  There `dispatch` is replaced by one of ours, once: the program's
 * callbacks, their data and its sources stay what they are.
 *
 * GTask, GDBus and the rest of libgio are outside libglib: they use these
 * calls and these sources, and are seen.  The dispatching of sources whose
 * GSourceFuncs are the program's or another library's own is not; what orders
 * those is that somebody woke the loop, or began to run it, after they were
 * added.
 */
#include "wrap.h"

#include <errno.h>
#include <link.h>

#include "channel.h"

/* The public beginning of a GSourceFuncs and of a GSource, which have been as
   they are since GLib 2.0. */
typedef int dispatch_function(void *source, void *callback, void *data);

struct source_funcs {
	void *prepare, *check;
	dispatch_function *_Atomic dispatch;
};

struct source {
	void *callback_data, *callback_funcs, *source_funcs;
	unsigned references;
	const void *_Atomic context;
};

/* name, and the row of calls.def that stands for the kind of source. */
#define KINDS(X)                                  \
	X(g_idle_funcs, g_idle_add)               \
	X(g_timeout_funcs, g_timeout_add)         \
	X(g_child_watch_funcs, g_child_watch_add) \
	X(g_io_watch_funcs, g_io_add_watch)       \
	X(g_unix_fd_source_funcs, g_unix_fd_add)  \
	X(g_unix_signal_funcs, g_unix_signal_add)

enum kind {
#define X(name, call) KIND_##name,
	KINDS(X)
#undef X
		N_KINDS,
};

static dispatch_function *_Atomic real_dispatch[N_KINDS];

const void *channel_of_source(const void *source)
{
	return source ? atomic_load(
				&((struct source *)(uintptr_t)source)->context)
		      : NULL;
}

static int dispatch(const void *frame, enum kind kind, uint32_t call,
		    void *source, void *callback, void *data)
{
	int again;

	channel_take(frame, channel_of_source(source), call);
	channel_calls(frame, call);
	again = atomic_load(&real_dispatch[kind])(source, callback, data);
	channel_called(frame);
	return again;
}

#define X(name, call)                                                        \
	static int dispatch_##name(void *source, void *callback, void *data) \
	{                                                                    \
		return dispatch(FRAME, KIND_##name, CALL_##call, source,     \
				callback, data);                             \
	}
KINDS(X)
#undef X

static const struct {
	const char *table;
	dispatch_function *ours;
} kinds[N_KINDS] = {
#define X(name, call) { #name, dispatch_##name },
	KINDS(X)
#undef X
};

/* A segment of a loaded file that holds the address and can be written;
   what the dynamic linker has sealed does not count. */
static int is_writable(struct dl_phdr_info *info, size_t size, void *address)
{
	bool found = false;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *s = &info->dlpi_phdr[i];
		uintptr_t at = (uintptr_t)address - info->dlpi_addr;

		if (at - s->p_vaddr >= s->p_memsz)
			continue;
		if (s->p_type == PT_GNU_RELRO)
			return 0;
		if (s->p_type == PT_LOAD && (s->p_flags & PF_W))
			found = true;
	}
	return found;
}

/* Each thread that finds it undone does all of it: they store the same. */
static void replace_dispatch(void)
{
	static _Atomic bool done;

	if (likely(atomic_load_explicit(&done, memory_order_acquire)))
		return;
	for (int i = 0; i < N_KINDS; i++) {
		struct source_funcs *table = real_data(kinds[i].table);
		dispatch_function *there;

		if (!table || !dl_iterate_phdr(is_writable, table))
			continue;
		there = atomic_load(&table->dispatch);
		if (!there || there == kinds[i].ours)
			continue;
		atomic_store(&real_dispatch[i], there);
		atomic_store(&table->dispatch, kinds[i].ours);
	}
	atomic_store_explicit(&done, true, memory_order_release);
}

/* Makes it, if it is not there: the call that asks is about to do so. */
static const void *default_context(void)
{
	static const void *_Atomic context;
	const void *there = atomic_load(&context);
	void *(*ask)(void);

	if (there)
		return there;
	*(void **)(&ask) = real_data("g_main_context_default");
	if (!ask)
		return NULL;
	there = ask();
	atomic_store(&context, there);
	return there;
}

const void *channel_of_context(const void *main_context)
{
	int error = errno;

	replace_dispatch();
	if (!main_context)
		main_context = default_context();
	errno = error;
	return main_context;
}

static const void *context_of_loop(void *loop)
{
	void *(*ask)(void *);

	*(void **)(&ask) = real_data("g_main_loop_get_context");
	return ask && loop ? ask(loop) : NULL;
}

/*
 * Who adds a source wakes the thread that runs the loop, by an eventfd, which
 * is seen; if none does yet, who begins to run it comes after.  Whoever called
 * g_main_context_wakeup() or g_main_loop_quit() comes before what follows.
 */
EXPORT int g_main_context_iteration(void *context, int wait)
{
	const void *channel = channel_of_context(context);
	int r;

	channel_take(FRAME, channel, CALL_g_main_context_iteration);
	r = PASS(g_main_context_iteration, (context, wait));
	channel_take(FRAME, channel, CALL_g_main_context_iteration);
	return r;
}

EXPORT void g_main_loop_run(void *loop)
{
	const void *context = context_of_loop(loop);

	if (context)
		channel_take(FRAME, channel_of_context(context),
			     CALL_g_main_loop_run);
	if (REAL_IS_THERE(g_main_loop_run))
		real.g_main_loop_run(loop);
	channel_take(FRAME, loop, CALL_g_main_loop_run);
}
