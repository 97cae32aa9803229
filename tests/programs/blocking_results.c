/* SPDX-License-Identifier: MIT */
/*
 * Blocking calls with a mutex held that are interrupted, refused, restarted
 * and cancelled: results, errno and what cancellation does are as without us.
 *
 * expect: nothing
 */
#include <poll.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int ends[2];
static int ready;

static void ignore(int signo)
{
	(void)signo;
}

static void send_byte(int signo)
{
	(void)signo;
	if (write(ends[1], "x", 1) != 1)
		_exit(99);
}

/* A signal every 20 ms: one that comes before the call would be too early,
   the next one is not. */
static void alarm_by(void (*handler)(int), int flags)
{
	struct sigaction a = { .sa_handler = handler, .sa_flags = flags };
	const struct itimerval twenty_ms = { { 0, 20000 }, { 0, 20000 } };

	sigaction(SIGALRM, &a, NULL);
	setitimer(ITIMER_REAL, &twenty_ms, NULL);
}

static void no_alarm(void)
{
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };

	setitimer(ITIMER_REAL, &never, NULL);
}

static void interrupted(void)
{
	struct pollfd p = { .fd = ends[0], .events = POLLIN };
	const struct timespec minute = { .tv_sec = 60 };
	struct timespec left = { 0, 0 };
	char c;

	alarm_by(ignore, 0);
	FAILS(EINTR, read(ends[0], &c, 1));
	FAILS(EINTR, poll(&p, 1, -1));
	FAILS(EINTR, select(0, NULL, NULL, NULL, NULL));
	FAILS(EINTR, nanosleep(&minute, &left));
	IS(59, left.tv_sec);
	left.tv_sec = 0;
	IS(EINTR, clock_nanosleep(CLOCK_MONOTONIC, 0, &minute, &left));
	IS(59, left.tv_sec);
	IS(59, sleep(60));
	alarm_by(send_byte, SA_RESTART);
	IS(1, read(ends[0], &c, 1));
	no_alarm();
}

static void refused(void)
{
	struct timespec wrong = { .tv_nsec = -1 };
	int status;
	char c;

	errno = 77;
	FAILS(EBADF, read(-1, &c, 1));
	FAILS(EBADF, write(-1, &c, 1));
	FAILS(EINVAL, nanosleep(&wrong, NULL));
	FAILS(ECHILD, waitpid(-1, &status, 0));
	errno = 77;
	IS(0, poll(NULL, 0, 5));
	IS(77, errno);
}

static void give_up(void *unused)
{
	(void)unused;
	pthread_mutex_unlock(&m);
}

static void *read_for_ever(void *unused)
{
	char c;

	pthread_mutex_lock(&m);
	pthread_cleanup_push(give_up, NULL);
	meet(&ready, 2);
	if (read(ends[0], &c, 1) != 1)
		return unused;
	pthread_cleanup_pop(1);
	return unused;
}

static void *sleep_for_ever(void *unused)
{
	pthread_mutex_lock(&m);
	pthread_cleanup_push(give_up, NULL);
	meet(&ready, 2);
	pause();
	for (;;)
		usleep(1000);
	pthread_cleanup_pop(1);
	return unused;
}

static void cancelled(void *(*body)(void *))
{
	pthread_t t;

	ready = 0;
	t = thread_start(body, NULL);
	meet(&ready, 2);
	usleep(2000);
	pthread_cancel(t);
	IS(1, thread_end(t) == PTHREAD_CANCELED);
	IS(0, pthread_mutex_trylock(&m));
	IS(0, pthread_mutex_unlock(&m));
}

int main(void)
{
	char c;

	must(pipe(ends) == 0, "make a pipe");
	pthread_mutex_lock(&m);
	interrupted();
	/* More than one alarm may have come. */
	send_byte(0);
	while (read(ends[0], &c, 1) == 1 &&
	       poll(&(struct pollfd){ ends[0], POLLIN, 0 }, 1, 0) == 1)
		;
	refused();
	pthread_mutex_unlock(&m);
	cancelled(read_for_ever);
	cancelled(sleep_for_ever);
	return 0;
}
