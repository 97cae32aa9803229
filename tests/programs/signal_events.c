/* SPDX-License-Identifier: MIT */
/*
 * Handlers begin and end, nested, on an alternate stack and left by a jump;
 * what was done before a signal was sent comes before its handler.
 *
 * expect: nothing
 * events: HANDLER_ENTER HANDLER_EXIT HAPPENS_BEFORE HAPPENS_AFTER ACQUIRE
 * event: 1 HANDLER_ENTER 10
 * event: 1 ACQUIRE mutex#1 pthread_mutex_lock
 * event: 1 HANDLER_ENTER 12
 * event: 1 HANDLER_EXIT 12
 * event: 1 HANDLER_EXIT 10
 * event: 1 HANDLER_ENTER 12
 * event: 1 HANDLER_EXIT 12
 * event: 1 ACQUIRE mutex#2 pthread_mutex_lock
 * event: 1 HANDLER_ENTER 14
 * event: 1 HANDLER_EXIT 14
 * event: 1 ACQUIRE mutex#2 pthread_mutex_lock
 * event: 1 HANDLER_ENTER 14
 * event: 1 HANDLER_EXIT 14
 * event: 1 HANDLER_ENTER 14
 * event: 1 HANDLER_EXIT 14
 * event: 1 ACQUIRE mutex#2 pthread_mutex_lock
 * event: 1 HANDLER_ENTER 23
 * event: 1 HANDLER_EXIT 23
 * event: 1 HANDLER_ENTER 23
 * event: 1 HANDLER_EXIT 23
 * event: 1 ACQUIRE mutex#2 pthread_mutex_lock
 * event: 1 HAPPENS_BEFORE signal 13 pthread_kill
 * event: 1 HAPPENS_BEFORE signal 13 tgkill
 * event: 1 HAPPENS_BEFORE signal 15 kill
 * event: 2 HANDLER_ENTER 13
 * event: 2 HAPPENS_AFTER signal 13 sigaction
 * event: 2 HANDLER_EXIT 13
 * event: 2 HANDLER_ENTER 13
 * event: 2 HAPPENS_AFTER signal 13 sigaction
 * event: 2 HANDLER_EXIT 13
 * event: 2 HAPPENS_AFTER signal 15 sigwait
 */
#include <setjmp.h>
#include <signal.h>
#include <sys/syscall.h>

#include "program.h"

static pthread_mutex_t in_handler = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t outside = PTHREAD_MUTEX_INITIALIZER;
static sigjmp_buf back;
static int n_pipe, ready;
static long other_id;

static void nothing(int signo)
{
	(void)signo;
}

static void lock_and_raise(int signo)
{
	(void)signo;
	pthread_mutex_lock(&in_handler);
	pthread_mutex_unlock(&in_handler);
	raise(SIGUSR2);
}

static void jump(int signo, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	siglongjmp(back, signo);
}

static void count(int signo)
{
	(void)signo;
	__atomic_add_fetch(&n_pipe, 1, __ATOMIC_ACQ_REL);
}

static void install(int signo, void (*handler)(int), int flags)
{
	struct sigaction a = { .sa_handler = handler, .sa_flags = flags };

	must(sigaction(signo, &a, NULL) == 0, "install a handler");
}

static void lock(void)
{
	pthread_mutex_lock(&outside);
	pthread_mutex_unlock(&outside);
}

/* Left by a jump; the next event, or the next handler, shows that. */
static void left(int signo)
{
	struct sigaction a = { .sa_sigaction = jump,
			       .sa_flags = SA_SIGINFO | SA_ONSTACK };

	sigaction(signo, &a, NULL);
	if (!sigsetjmp(back, 1))
		raise(signo);
}

/* An alternate stack in a frame that is further up than the handlers'. */
static __attribute__((noinline)) void on_other_stack(void)
{
	char room[65536];
	stack_t stack = { .ss_sp = room, .ss_size = sizeof(room) };
	stack_t none = { .ss_flags = SS_DISABLE };

	must(sigaltstack(&stack, NULL) == 0, "set the stack");
	left(SIGURG);
	left(SIGURG);
	must(sigaltstack(&none, NULL) == 0, "set the stack");
}

static void *receive(void *unused)
{
	sigset_t set;
	int signo;

	other_id = syscall(SYS_gettid);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	meet(&ready, 2);
	while (__atomic_load_n(&n_pipe, __ATOMIC_ACQUIRE) < 2)
		sched_yield();
	sigwait(&set, &signo);
	return unused;
}

int main(void)
{
	sigset_t set;
	pthread_t t;

	install(SIGUSR1, lock_and_raise, 0);
	signal(SIGUSR2, nothing);
	raise(SIGUSR1);
	raise(SIGUSR2);
	lock();

	left(SIGALRM);
	lock();
	left(SIGALRM);
	left(SIGALRM);
	lock();
	on_other_stack();
	lock();

	install(SIGPIPE, count, SA_RESTART);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	t = thread_start(receive, NULL);
	meet(&ready, 2);
	pthread_kill(t, SIGPIPE);
	while (__atomic_load_n(&n_pipe, __ATOMIC_ACQUIRE) < 1)
		sched_yield();
	tgkill(getpid(), (pid_t)other_id, SIGPIPE);
	kill(getpid(), SIGTERM);
	thread_end(t);
	return 0;
}
