/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <elf.h>
#include <string.h>
#include <sys/uio.h>

#include "context.h"
#include "file.h"
#include "module.h"
#include "name.h"
#include "object.h"
#include "options.h"
#include "reclaim.h"
#include "sys.h"
#include "unwind.h"

struct process *process;

/* Survive a fork. */
static char arguments[sizeof(((struct cmshim_header *)0)->arguments)];
static bool was_begun;
static atomic_bool was_fenced;

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#endif

bool process_prepare(int argc, char **argv)
{
	size_t n = 0;

	for (int i = 0; i < argc && argv[i]; i++) {
		size_t length = strlen(argv[i]) + 1;

		if (length > sizeof(arguments) - 1 - n)
			break;
		memcpy(arguments + n, argv[i], length);
		n += length;
	}
	file_prepare();
	process = sys_memory(sizeof(*process), 1);
	return process != NULL;
}

static uint64_t realtime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint32_t own_pid(void)
{
	return (uint32_t)sys_call3(SYS_getpid, 0, 0, 0);
}

void process_forked(void)
{
	if (process && !atomic_load(&was_fenced))
		atomic_store(&process->pid, own_pid());
}

bool process_is_borrowed(void)
{
	uint32_t pid = process ? atomic_load(&process->pid) : 0;

	return pid && pid != own_pid();
}

static void fill_header(struct cmshim_header *head, bool forked)
{
	head->version = CMSHIM_TRACE_VERSION;
	head->byte_order = CMSHIM_BYTE_ORDER;
	head->header_bytes = CMSHIM_CHUNK_ALIGN;
	head->machine = MACHINE;
	head->word_bytes = sizeof(void *);
	head->pid = own_pid();
	head->parent_pid = (uint32_t)sys_call3(SYS_getppid, 0, 0, 0);
	head->process_start = name_process_start(head->pid);
	head->clock = process->clock;
	head->flags = (forked ? CMSHIM_FORKED : 0) |
		      (options.stacks ? 0 : CMSHIM_NO_STACKS) |
		      (options.all_stamps ? CMSHIM_ALL_STAMPS : 0);
	head->start = clock_stamp(process->clock);
	head->last = head->start;
	head->start_realtime_ns = realtime_ns();
	head->state = CMSHIM_RECORDING;
	head->hold_period = (uint32_t)options.hold_period;
	strncpy(head->program, name_program(), sizeof(head->program) - 1);
	strncpy(head->name, name_started(), sizeof(head->name) - 1);
	memcpy(head->arguments, arguments, sizeof(arguments));
	__atomic_thread_fence(__ATOMIC_RELEASE);
	memcpy(head->magic, CMSHIM_TRACE_MAGIC, sizeof(head->magic));
}

bool process_begin(void)
{
	uint32_t state = PROCESS_NEW;
	bool forked = was_begun;

	/* A trace begun by a child of vfork() would be called after it. */
	if (!process || (!atomic_load(&was_fenced) && process_is_borrowed()))
		return false;
	if (!atomic_compare_exchange_strong(&process->state, &state,
					    PROCESS_STARTING))
		return state == PROCESS_RECORDING;
	/* A filter is inherited, and beginning takes system calls. */
	if (atomic_load(&was_fenced)) {
		atomic_store(&process->state, PROCESS_OFF);
		return false;
	}

	process->clock =
		clock_has_tsc() ? CMSHIM_CLOCK_TSC : CMSHIM_CLOCK_MONOTONIC;
	was_begun = true;
	atomic_store(&process->pid, own_pid());
	if (object_begin() && reclaim_begin())
		process->header = file_create(forked, CMSHIM_CHUNK_ALIGN);
	if (!process->header) {
		atomic_store(&process->state, PROCESS_OFF);
		return false;
	}
	fill_header(process->header, forked);
	atomic_store_explicit(&process->state, PROCESS_RECORDING,
			      memory_order_release);
	return true;
}

bool process_resumes(void)
{
	return was_begun && process_begin();
}

static void define_call(struct context *c, uint32_t number, uint32_t op,
			uint32_t class, uint32_t family, const char *name)
{
	uint8_t payload[5 * VARINT_MAX_BYTES + 64];
	size_t n = strlen(name);
	uint8_t *p = put_varint(payload, number);

	p = put_varint(p, op);
	p = put_varint(p, class);
	p = put_varint(p, family);
	p = put_varint(p, n);
	memcpy(p, name, n);
	context_define(c, CMSHIM_DEF_CALL, payload, (size_t)(p + n - payload));
}

static void define_family(struct context *c, uint32_t number,
			  uint32_t discipline, const char *title)
{
	uint8_t payload[3 * VARINT_MAX_BYTES + 64];
	size_t n = strlen(title);
	uint8_t *p = put_varint(payload, number);

	p = put_varint(p, discipline);
	p = put_varint(p, n);
	memcpy(p, title, n);
	context_define(c, CMSHIM_DEF_FAMILY, payload,
		       (size_t)(p + n - payload));
}

void process_describe(struct context *c)
{
#define CALL(id, ret, name, params, op, class, version) \
	if ((op) != CMSHIM_OP_NONE)                     \
		define_call(c, id, op, CMSHIM_##class, 0, #name);
#include "calls.def"
#undef CALL
#define CALL(id, ret, name, params, op, class, version)
#define MAP_FAMILY(family, title, soname, discipline) \
	define_family(c, family, CMSHIM_##discipline, title);
#define MAP_CALL(id, ret, name, params, args, map, key, access, tells, family) \
	define_call(c, id, MAP_OP_##access, CMSHIM_MAP, family, #name);
#define MAP_PROC(id, name, params, args, map, key, access, tells, family) \
	define_call(c, id, MAP_OP_##access, CMSHIM_MAP, family, #name);
#include "maps.def"
#undef CALL
	unwind_lock();
	module_begin(c);
	unwind_unlock();
}

bool process_fence(bool is_there)
{
	bool before = atomic_load(&was_fenced);

	/* A child of vfork() has our memory, but not our filters.  Behind one
	   no system call is made to ask. */
	if (before == is_there || (!before && process_is_borrowed()))
		return before;
	atomic_store(&was_fenced, is_there);
	if (process)
		atomic_store(&process->fenced, is_there);
	return before;
}

bool process_copy(void *to, const void *from, size_t bytes)
{
	const struct iovec here = { to, bytes };
	const struct iovec there = { (void *)(uintptr_t)from, bytes };

	return !atomic_load(&process->fenced) &&
	       sys_call6(SYS_process_vm_readv, sys_call3(SYS_getpid, 0, 0, 0),
			 (long)&here, 1, (long)&there, 1, 0) == (long)bytes;
}

void process_stop(void)
{
	if (!process || (!atomic_load(&was_fenced) && process_is_borrowed()))
		return;
	if (process->header)
		process->header->state = CMSHIM_STOPPED;
	atomic_store(&process->state, PROCESS_OFF);
	/* A context that has room does not ask for the state.  Another thread
	   that is about to begin a chunk may fill that one still. */
	for (struct context *c = atomic_load(&process->contexts); c;
	     c = c->next)
		__atomic_store_n(&c->events.limit, NULL, __ATOMIC_RELAXED);
}

void process_exits(void)
{
	if (!process_is_recording() ||
	    (!atomic_load(&was_fenced) && process_is_borrowed()))
		return;
	process->header->last = clock_stamp(process->clock);
	process->header->state = CMSHIM_EXITED;
}
