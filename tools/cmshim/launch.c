/* SPDX-License-Identifier: MIT */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

/* Of the parent while the program runs, and what the child gets back. */
struct signals {
	sigset_t ours; /* blocked and waited for by the parent */
	sigset_t mask; /* before that */
	struct sigaction chld;
};

/*
 * Signals that the parent hands on: all that somebody may send on purpose.
 * The others are errors of our own, or stop us as well as the program when
 * the terminal sends them.
 */
static void set_of_signals(sigset_t *set)
{
	static const int left_alone[] = {
		SIGSEGV, SIGBUS,  SIGFPE,  SIGILL,  SIGTRAP, SIGSYS,
		SIGABRT, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU,
	};

	sigfillset(set);
	for (size_t i = 0; i < sizeof(left_alone) / sizeof(left_alone[0]); i++)
		sigdelset(set, left_alone[i]);
}

/*
 * What the terminal sends, it sends to the program as well: only what came
 * from a process, to us, is handed on.
 */
static void hand_on(pid_t pid, const siginfo_t *info)
{
	if (info->si_code == SI_QUEUE)
		sigqueue(pid, info->si_signo, info->si_value);
	else if (info->si_code == SI_USER || info->si_code == SI_TKILL)
		kill(pid, info->si_signo);
}

/* In the child: never returns; what went wrong goes into the pipe. */
static _Noreturn void become(const char *path, char **argv,
			     int (*prepare)(void *data), void *data,
			     int pipe_fd)
{
	int error = prepare(data);

	if (!error) {
		execvp(path, argv);
		error = errno;
	}
	_exit(write(pipe_fd, &error, sizeof(error)) < 0 ? 127 : 126);
}

/* The errno value that the child wrote, or 0 if the program runs. */
static int read_error(int pipe_fd)
{
	int error;
	ssize_t n;

	do {
		n = read(pipe_fd, &error, sizeof(error));
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(error) ? error : 0;
}

static int wait_for(pid_t pid, const sigset_t *set)
{
	siginfo_t info;
	int status;

	while (waitpid(pid, &status, WNOHANG) != pid)
		if (sigwaitinfo(set, &info) > 0 && info.si_signo != SIGCHLD)
			hand_on(pid, &info);

	/* What was meant for the program shall not end us now. */
	while (sigtimedwait(set, &info, &(struct timespec){ 0 }) > 0)
		;
	return status;
}

int launch(const char *path, char **argv, int (*prepare)(void *data),
	   void *data, pid_t *pid, int *status)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	struct signals signals;
	int fds[2], error;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return fail("cannot make a pipe: %s", strerror(errno));

	/* Blocked before the fork, so that none is missed.  Ignored, SIGCHLD
	   would take the status away from waitpid(). */
	set_of_signals(&signals.ours);
	sigaction(SIGCHLD, &plain, &signals.chld);
	sigprocmask(SIG_BLOCK, &signals.ours, &signals.mask);

	*pid = fork();
	if (*pid == 0) {
		sigaction(SIGCHLD, &signals.chld, NULL);
		sigprocmask(SIG_SETMASK, &signals.mask, NULL);
		become(path, argv, prepare, data, fds[1]);
	}
	error = errno;
	close(fds[1]);
	if (*pid > 0) {
		error = read_error(fds[0]);
		*status = wait_for(*pid, &signals.ours);
	}
	close(fds[0]);
	sigprocmask(SIG_SETMASK, &signals.mask, NULL);
	return error ? fail("cannot run '%s': %s", path, strerror(error)) : 0;
}

int launch_end_alike(int status)
{
	struct rlimit no_core = { 0, 0 };
	sigset_t set;

	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);

	/* The program's core dump is the one of interest. */
	fflush(NULL);
	setrlimit(RLIMIT_CORE, &no_core);
	signal(WTERMSIG(status), SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, WTERMSIG(status));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(WTERMSIG(status));
	return 128 + WTERMSIG(status);
}
