/* SPDX-License-Identifier: MIT */
/*
 * Handlers installed by all calls there are: what each says was there before,
 * which flags hold, what a handler is given, what a forked child and an
 * exec'ed program find; more handlers than there are stubs for; and two
 * threads that install unlike handlers at once while signals come.
 *
 * build: -pthread -Wno-deprecated-declarations
 * traces: 2
 * expect: nothing
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "program.h"

static volatile sig_atomic_t n_one, n_other, n_info, n_depth, deepest, n_again;
static union sigval last_value;

static void one(int signo)
{
	(void)signo;
	n_one++;
}

static void other(int signo)
{
	(void)signo;
	n_other++;
}

static void with_info(int signo, siginfo_t *info, void *context)
{
	n_info += info->si_signo == signo && context != NULL;
	last_value = info->si_value;
}

static void again(int signo)
{
	if (++n_depth > deepest)
		deepest = n_depth;
	if (n_again++ < 2)
		raise(signo);
	n_depth--;
}

static const char *name_of(sighandler_t h)
{
	return h == SIG_DFL    ? "default"
	       : h == SIG_IGN  ? "ignore"
	       : h == SIG_ERR  ? "error"
	       : h == SIG_HOLD ? "hold"
	       : h == one      ? "one"
	       : h == other    ? "other"
	       : h == again    ? "again"
	       : (void (*)(int, siginfo_t *, void *))(uintptr_t)h == with_info
		       ? "with_info"
		       : "a stranger";
}

/* What is installed, asked as a program asks. */
static void show(const char *when)
{
	struct sigaction a;

	must(sigaction(SIGUSR1, NULL, &a) == 0, "ask for the handler");
	printf("%s: %s, flags %x, blocks SIGUSR2: %d\n", when,
	       name_of(a.sa_handler), (unsigned)a.sa_flags & ~0x04000000u,
	       sigismember(&a.sa_mask, SIGUSR2));
}

static sighandler_t set(sighandler_t handler, int flags)
{
	struct sigaction a = { .sa_handler = handler, .sa_flags = flags };
	struct sigaction before;

	sigaddset(&a.sa_mask, SIGUSR2);
	must(sigaction(SIGUSR1, &a, &before) == 0, "install");
	return before.sa_handler;
}

static void olds(void)
{
	show("at first");
	puts(name_of(signal(SIGUSR1, one)));
	show("signal");
	puts(name_of(signal(SIGUSR1, other)));
	puts(name_of(set(one, SA_NODEFER)));
	show("sigaction");
	puts(name_of(set(other, 0)));
	puts(name_of(set(SIG_IGN, 0)));
	show("ignored");
	raise(SIGUSR1);
	puts(name_of(ssignal(SIGUSR1, one)));
	puts(name_of(sysv_signal(SIGUSR1, other)));
	show("sysv_signal");
	raise(SIGUSR1);
	show("after one");
	puts(name_of(sigset(SIGUSR1, one)));
	puts(name_of(sigset(SIGUSR1, SIG_HOLD)));
	puts(name_of(sigset(SIGUSR1, other)));
	puts(name_of(signal(SIGUSR1, SIG_DFL)));
	puts(name_of(signal(SIGKILL, one)));
	FAILS(EINVAL,
	      sigaction(SIGKILL, &(struct sigaction){ .sa_handler = one },
			NULL));
	FAILS(EINVAL,
	      sigaction(1000, &(struct sigaction){ .sa_handler = one }, NULL));
	IS(0, n_one);
	IS(1, n_other);
}

static void flags(void)
{
	struct sigaction a = { .sa_sigaction = with_info,
			       .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &a, NULL);
	show("SA_SIGINFO");
	sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = 42 });
	IS(1, n_info);
	IS(42, last_value.sival_int);
	set(one, SA_RESETHAND);
	raise(SIGUSR1);
	show("SA_RESETHAND");
	IS(1, n_one);
	set(again, SA_NODEFER);
	raise(SIGUSR1);
	IS(3, deepest);
	deepest = n_again = 0;
	set(again, 0);
	raise(SIGUSR1);
	IS(3, n_again);
	IS(1, deepest);
	signal(SIGUSR1, one);
	must(siginterrupt(SIGUSR1, 1) == 0, "interrupt");
	show("siginterrupt");
	must(siginterrupt(SIGUSR1, 0) == 0, "restart");
	show("siginterrupt off");
}

static void child(void)
{
	pid_t pid;
	int status;

	fflush(stdout);
	n_one = 0;
	pid = fork();
	must(pid >= 0, "fork");
	if (pid == 0) {
		show("child");
		raise(SIGUSR1);
		printf("child: %d\n", (int)n_one);
		fflush(stdout);
		_exit(0);
	}
	must(waitpid(pid, &status, 0) == pid, "wait");
	IS(0, status);
}

/* In the exec'ed program: ignored stays, handled becomes the default. */
static void exec(const char *self)
{
	fflush(stdout);
	signal(SIGUSR2, SIG_IGN);
	execl(self, self, "again", NULL);
	must(0, "exec");
}

static int after_exec(void)
{
	struct sigaction a;

	show("exec, handled");
	sigaction(SIGUSR2, NULL, &a);
	printf("exec, ignored: %s\n", name_of(a.sa_handler));
	return 0;
}

/* Calls that a program makes by number find nothing of ours: but for a
   handler that was installed by libc's. */
static void by_number(void)
{
	struct {
		uintptr_t handler;
		unsigned long flags, restorer, mask;
	} k;

	must(syscall(SYS_rt_sigaction, SIGUSR2, NULL, &k, 8) == 0, "ask");
	IS((long)SIG_DFL, k.handler);
	signal(SIGUSR2, SIG_IGN);
	must(syscall(SYS_rt_sigaction, SIGUSR2, NULL, &k, 8) == 0, "ask");
	IS((long)SIG_IGN, k.handler);
	signal(SIGUSR2, SIG_DFL);
}

/* 150 handlers, each of its own. */
static int n_run[150];
/* clang-format off */
#define H(n)                               \
	static void handler_##n(int signo) \
	{                                  \
		(void)signo;               \
		n_run[1##n - 1000]++;      \
	}
#define N(n) handler_##n,
#define T(X, n) \
	X(n##0) \
	X(n##1) X(n##2) X(n##3) X(n##4) X(n##5) X(n##6) X(n##7) X(n##8) X(n##9)
#define ALL(X)                                                         \
	T(X, 00)                                                       \
	T(X, 01)                                                       \
	T(X, 02) T(X, 03) T(X, 04) T(X, 05) T(X, 06) T(X, 07) T(X, 08) \
		T(X, 09) T(X, 10) T(X, 11) T(X, 12) T(X, 13) T(X, 14)
ALL(H)
static void (*const many[])(int) = { ALL(N) };
/* clang-format on */

static void exhausted(void)
{
	int n = 0;

	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 150; i++) {
			sighandler_t before = signal(SIGUSR1, many[i]);

			if (i)
				n += before == many[i - 1];
			raise(SIGUSR1);
		}
	IS(298, n);
	n = 0;
	for (int i = 0; i < 150; i++)
		n += n_run[i] == 2;
	IS(150, n);
}

/* Without SA_SIGINFO there is nothing behind the first argument. */
static int stop;
static volatile sig_atomic_t n_wrong;

static void check_info(int signo, siginfo_t *info, void *context)
{
	n_wrong += info->si_signo != signo || context == NULL;
}

static void *install_one(void *unused)
{
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
		signal(SIGUSR1, one);
	return unused;
}

static void *install_info(void *unused)
{
	struct sigaction a = { .sa_sigaction = check_info,
			       .sa_flags = SA_SIGINFO };

	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
		sigaction(SIGUSR1, &a, NULL);
	return unused;
}

static void both(void)
{
	pthread_t a, b;

	signal(SIGUSR1, one);
	a = thread_start(install_one, NULL);
	b = thread_start(install_info, NULL);
	for (int i = 0; i < 20000; i++)
		pthread_kill(i % 2 ? a : b, SIGUSR1);
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	thread_end(a);
	thread_end(b);
	IS(0, n_wrong);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return after_exec();
	olds();
	flags();
	child();
	by_number();
	exhausted();
	both();
	exec(argv[0]);
	return 0;
}
