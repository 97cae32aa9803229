/* SPDX-License-Identifier: MIT */
/*
 * Signal handlers installed, signals sent, asked for and waited for.
 *
 * The kernel gets a stub in the handler's stead (handler.h) and everything
 * else as the program said it; what the program is told was installed is its
 * own function.  rt_sigaction by syscall() passes by us, and shows a stub.
 */
#include "wrap.h"

#include <errno.h>

#include "block.h"
#include "handler.h"

/* sa_handler and sa_sigaction are one word, whatever the flags say. */
static struct sigaction with(const struct sigaction *a, sighandler_t function)
{
	struct sigaction other = *a;

	other.sa_handler = function;
	return other;
}

#define SIGACTION(name)                                                     \
	EXPORT int wrapped_##name(int signo, const struct sigaction *now,   \
				  struct sigaction *before) __asm__(#name); \
	int wrapped_##name(int signo, const struct sigaction *now,          \
			   struct sigaction *before)                        \
	{                                                                   \
		struct sigaction ours;                                      \
		int r;                                                      \
                                                                            \
		if (now) {                                                  \
			ours = with(now, handler_stub(now->sa_handler));    \
			now = &ours;                                        \
		}                                                           \
		r = PASS(name, (signo, now, before));                       \
		if (r == 0 && before)                                       \
			before->sa_handler =                                \
				handler_function(before->sa_handler);       \
		return r;                                                   \
	}

#define SIGNAL(name)                                                  \
	EXPORT sighandler_t wrapped_##name(                           \
		int signo, sighandler_t function) __asm__(#name);     \
	sighandler_t wrapped_##name(int signo, sighandler_t function) \
	{                                                             \
		return handler_function(                              \
			PASS(name, (signo, handler_stub(function)))); \
	}

SIGACTION(sigaction)
SIGACTION(__sigaction)
SIGNAL(signal)
SIGNAL(bsd_signal)
SIGNAL(ssignal)
SIGNAL(sysv_signal)
SIGNAL(__sysv_signal)
SIGNAL(sigset)

/* A thread's own signals come in the order of its own steps. */
EXPORT int pthread_kill(pthread_t t, int signo)
{
	if (t != pthread_self())
		handler_sends(FRAME, signo, CALL_pthread_kill);
	return PASS(pthread_kill, (t, signo));
}

EXPORT int pthread_sigqueue(pthread_t t, int signo, union sigval value)
{
	if (t != pthread_self())
		handler_sends(FRAME, signo, CALL_pthread_sigqueue);
	return PASS(pthread_sigqueue, (t, signo, value));
}

static bool is_ours(pid_t pid)
{
	return process_is_recording() && (uint32_t)pid == process->header->pid;
}

EXPORT int kill(pid_t pid, int signo)
{
	if (is_ours(pid))
		handler_sends(FRAME, signo, CALL_kill);
	return PASS(kill, (pid, signo));
}

EXPORT int tgkill(pid_t pid, pid_t thread, int signo)
{
	if (is_ours(pid))
		handler_sends(FRAME, signo, CALL_tgkill);
	return PASS(tgkill, (pid, thread, signo));
}

EXPORT int sigqueue(pid_t pid, int signo, union sigval value)
{
	if (is_ours(pid))
		handler_sends(FRAME, signo, CALL_sigqueue);
	return PASS(sigqueue, (pid, signo, value));
}

/*
 * A timer's signal comes after whoever set it, to whichever thread.  One that
 * is stopped sends none.
 */
EXPORT int wrapped_setitimer(int which, const struct itimerval *now,
			     struct itimerval *before) __asm__("setitimer");

int wrapped_setitimer(int which, const struct itimerval *now,
		      struct itimerval *before)
{
	static const int signals[] = { [ITIMER_REAL] = SIGALRM,
				       [ITIMER_VIRTUAL] = SIGVTALRM,
				       [ITIMER_PROF] = SIGPROF };
	struct itimerval copy;

	if (which >= 0 && which <= ITIMER_PROF && process_is_recording() &&
	    process_copy(&copy, now, sizeof(copy)) &&
	    (copy.it_value.tv_sec || copy.it_value.tv_usec))
		handler_sends(FRAME, signals[which], CALL_setitimer);
	return PASS(setitimer, (which, now, before));
}

EXPORT unsigned alarm(unsigned seconds)
{
	if (seconds)
		handler_sends(FRAME, SIGALRM, CALL_alarm);
	return PASS(alarm, (seconds));
}

EXPORT useconds_t ualarm(useconds_t value, useconds_t interval)
{
	if (value)
		handler_sends(FRAME, SIGALRM, CALL_ualarm);
	return PASS(ualarm, (value, interval));
}

/* Cancellation points: nothing is held around the real call. */
#define SIGWAIT(name, params, args, received)                   \
	EXPORT int wrapped_##name params __asm__(#name);        \
	int wrapped_##name params                               \
	{                                                       \
		struct block b = { .since = { .ticks = 0 } };   \
		int r, error;                                   \
                                                                \
		if (block_matters())                            \
			b = block_begin();                      \
		r = PASS(name, args);                           \
		block_end(FRAME, &b, CALL_##name);              \
		error = errno;                                  \
		handler_received(FRAME, received, CALL_##name); \
		errno = error;                                  \
		return r;                                       \
	}

SIGWAIT(sigwait, (const void *set, int *signo), (set, signo),
	r == 0 ? *signo : 0)
SIGWAIT(sigwaitinfo, (const void *set, void *info), (set, info), r)
SIGWAIT(sigtimedwait,
	(const void *set, void *info, const struct timespec *time),
	(set, info, time), r)
