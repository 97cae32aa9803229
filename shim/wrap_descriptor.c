/* SPDX-License-Identifier: MIT */
/*
 * Descriptors made, copied and closed, for descriptor.h.
 */
#include "wrap.h"

#include <fcntl.h>

#include "block.h"
#include "descriptor.h"

EXPORT int pipe(int fds[2])
{
	int r = PASS(pipe, (fds));

	if (r == 0)
		descriptor_pipe(FRAME, fds, CALL_pipe);
	return r;
}

EXPORT int pipe2(int fds[2], int flags)
{
	int r = PASS(pipe2, (fds, flags));

	if (r == 0)
		descriptor_pipe(FRAME, fds, CALL_pipe2);
	return r;
}

EXPORT int socketpair(int domain, int type, int protocol, int *fds)
{
	int r = PASS(socketpair, (domain, type, protocol, fds));

	if (r == 0)
		descriptor_pair(FRAME, fds, CALL_socketpair);
	return r;
}

EXPORT int eventfd(unsigned value, int flags)
{
	int r = PASS(eventfd, (value, flags));

	descriptor_event(FRAME, r, CALL_eventfd);
	return r;
}

/* What is taken out of a timer's descriptor comes after whoever set it. */
EXPORT int timerfd_create(int clock, int flags)
{
	int r = PASS(timerfd_create, (clock, flags));

	descriptor_event(FRAME, r, CALL_timerfd_create);
	return r;
}

EXPORT int timerfd_settime(int fd, int flags, const struct itimerspec *now,
			   struct itimerspec *before)
{
	if (descriptor_matters(fd))
		descriptor_give(FRAME, fd, CALL_timerfd_settime);
	return PASS(timerfd_settime, (fd, flags, now, before));
}

EXPORT int dup(int fd)
{
	int r = PASS(dup, (fd));

	descriptor_copy(fd, r);
	return r;
}

EXPORT int dup2(int fd, int to)
{
	int r = PASS(dup2, (fd, to));

	descriptor_copy(fd, r);
	return r;
}

EXPORT int dup3(int fd, int to, int flags)
{
	int r = PASS(dup3, (fd, to, flags));

	descriptor_copy(fd, r);
	return r;
}

/*
 * fcntl(2) is declared with an ellipsis; called so, its third argument lies
 * where that of a function with three does.
 */
#define FCNTL(name)                                                           \
	EXPORT int wrapped_##name(int fd, int what, long arg) __asm__(#name); \
	int wrapped_##name(int fd, int what, long arg)                        \
	{                                                                     \
		struct block b = { .since = { .ticks = 0 } };                 \
		int r;                                                        \
                                                                              \
		if (block_matters())                                          \
			b = block_begin();                                    \
		r = PASS(name, (fd, what, arg));                              \
		block_end(FRAME, &b, CALL_##name);                            \
		if (what == F_DUPFD || what == F_DUPFD_CLOEXEC)               \
			descriptor_copy(fd, r);                               \
		return r;                                                     \
	}

FCNTL(fcntl)
FCNTL(fcntl64)

/* Before the calls: after them a number may be another's already. */
EXPORT int close(int fd)
{
	if (descriptor_matters(fd))
		descriptor_close(FRAME, fd, CALL_close);
	return PASS(close, (fd));
}

EXPORT void closefrom(int first)
{
	descriptor_close_all(FRAME, first < 0 ? 0 : (uint32_t)first, UINT32_MAX,
			     CALL_close);
	if (REAL_IS_THERE(closefrom))
		real.closefrom(first);
}

EXPORT int close_range(unsigned first, unsigned last, int flags)
{
	if (!flags)
		descriptor_close_all(FRAME, first, last, CALL_close);
	return PASS(close_range, (first, last, flags));
}
