/* SPDX-License-Identifier: MIT */
#include "descriptor.h"

#include "record.h"
#include "sys.h"

_Static_assert(sizeof(struct descriptor) == sizeof(uint32_t), "one load");

/*
 * A channel has the number of the descriptor that took from it first, and one
 * more.  If a copy of that outlives it and the number comes again, two
 * channels are one: that orders more than is true.
 */
struct ends {
	_Atomic uint16_t out, in; /* descriptors that put in, and take out */
};

struct descriptor *descriptors;
uint32_t n_descriptors;
static struct ends *ends;

/* The channels' keys stand beside the signals', below any address. */
#define FIRST_KEY 1024

static uint64_t key_of(uint16_t channel)
{
	return object_key((const void *)(uintptr_t)(FIRST_KEY + channel),
			  OBJECT_CHANNEL);
}

void descriptor_begin(void)
{
	ends = sys_memory((N_DESCRIPTORS + 1) * sizeof(*ends), 1);
	descriptors = sys_memory(N_DESCRIPTORS * sizeof(*descriptors), 1);
	if (ends && descriptors)
		n_descriptors = N_DESCRIPTORS;
}

/*
 * A child of vfork() has our memory and descriptors of its own; it is told by
 * its pid, where asking is allowed.
 */
static bool is_ours(void)
{
	return process_is_recording() &&
	       (process_is_fenced() ||
		(uint32_t)sys_call3(SYS_getpid, 0, 0, 0) ==
			process->header->pid);
}

static void count(struct descriptor d, int by)
{
	if (d.out)
		atomic_fetch_add(&ends[d.out].out, (uint16_t)by);
	if (d.in)
		atomic_fetch_add(&ends[d.in].in, (uint16_t)by);
}

/* What the descriptor was before. */
static struct descriptor exchange(int fd, struct descriptor d)
{
	struct descriptor before;

	__atomic_exchange(&descriptors[fd], &d, &before, __ATOMIC_ACQ_REL);
	return before;
}

static void set(int fd, struct descriptor d)
{
	if ((uint32_t)fd >= n_descriptors)
		return;
	count(d, 1);
	count(exchange(fd, d), -1);
}

static bool are_known(const int *fds)
{
	return (uint32_t)fds[0] < n_descriptors &&
	       (uint32_t)fds[1] < n_descriptors && is_ours();
}

/* What was used as one before is another one now. */
static void begin(const void *frame, uint16_t channel, uint32_t call)
{
	struct context *c = object_is_there(key_of(channel)) &&
					    !atomic_load(&ends[channel].in)
				    ? context_enter(frame)
				    : NULL;

	if (!c)
		return;
	record_init(c, frame, key_of(channel), call, 0);
	context_leave(c);
}

void descriptor_pipe(const void *frame, const int *fds, uint32_t call)
{
	uint16_t channel = (uint16_t)(fds[0] + 1);

	if (!are_known(fds))
		return;
	begin(frame, channel, call);
	set(fds[0], (struct descriptor){ .in = channel });
	set(fds[1], (struct descriptor){ .out = channel });
}

void descriptor_pair(const void *frame, const int *fds, uint32_t call)
{
	uint16_t one = (uint16_t)(fds[0] + 1), other = (uint16_t)(fds[1] + 1);

	if (!are_known(fds))
		return;
	begin(frame, one, call);
	begin(frame, other, call);
	set(fds[0], (struct descriptor){ .in = one, .out = other });
	set(fds[1], (struct descriptor){ .in = other, .out = one });
}

void descriptor_event(const void *frame, int fd, uint32_t call)
{
	uint16_t both = (uint16_t)(fd + 1);

	if ((uint32_t)fd >= n_descriptors || !is_ours())
		return;
	begin(frame, both, call);
	set(fd, (struct descriptor){ .in = both, .out = both });
}

void descriptor_copy(int fd, int copy)
{
	struct descriptor d = { 0, 0 };

	if (fd == copy || (uint32_t)copy >= n_descriptors ||
	    (!descriptor_matters(fd) && !descriptor_matters(copy)) ||
	    !is_ours())
		return;
	if ((uint32_t)fd < n_descriptors)
		__atomic_load(&descriptors[fd], &d, __ATOMIC_RELAXED);
	set(copy, d);
}

static void say(const void *frame, enum cmshim_op op, uint16_t channel,
		uint32_t call)
{
	struct context *c = context_enter(frame);
	struct fields f = { .mask = 0 };

	if (!c)
		return;
	record_optional(&f, call, 0);
	record_numbered(c, frame, key_of(channel), op, &f);
	context_leave(c);
}

void descriptor_give(const void *frame, int fd, uint32_t call)
{
	uint16_t channel = descriptors[fd].out;

	/* The other end may be another process's alone. */
	if (channel && atomic_load(&ends[channel].in))
		say(frame, CMSHIM_OP_HAPPENS_BEFORE, channel, call);
}

void descriptor_take(const void *frame, int fd, uint32_t call)
{
	uint16_t channel = descriptors[fd].in;

	/* All that could put in may be closed by now. */
	if (channel && object_is_there(key_of(channel)))
		say(frame, CMSHIM_OP_HAPPENS_AFTER, channel, call);
}

void descriptor_close(const void *frame, int fd, uint32_t call)
{
	struct descriptor d = descriptors[fd];

	if (!is_ours())
		return;
	if (d.out && d.out != d.in && atomic_load(&ends[d.out].out) == 1)
		descriptor_give(frame, fd, call);
	set(fd, (struct descriptor){ 0, 0 });
}

void descriptor_close_all(const void *frame, uint32_t first, uint32_t last,
			  uint32_t call)
{
	for (uint32_t fd = first; fd < n_descriptors && fd <= last; fd++)
		if (descriptor_matters((int)fd))
			descriptor_close(frame, (int)fd, call);
}
