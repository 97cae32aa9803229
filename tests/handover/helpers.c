/* SPDX-License-Identifier: MIT */
/*
 * Asynchronous input and output: who hands a request in comes before who is
 * told that it has ended, in a thread that libc makes, by a signal, or because
 * it asks.  The same of a timer that ends in a signal.
 *
 * build: -pthread -lrt
 * steps: 9
 */
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "handover.h"

#define STEPS 9

static struct aiocb requests[STEPS];
static char bytes[STEPS];
static timer_t timer;
static sigset_t watched;

static void called(union sigval step)
{
	after_taking(step.sival_int);
}

static void by_thread(struct sigevent *e, int step)
{
	*e = (struct sigevent){ .sigev_notify = SIGEV_THREAD,
				.sigev_notify_function = called,
				.sigev_value.sival_int = step };
}

static void by_signal(struct sigevent *e)
{
	*e = (struct sigevent){ .sigev_notify = SIGEV_SIGNAL,
				.sigev_signo = SIGUSR1 };
}

static struct aiocb *request(int step)
{
	struct aiocb *r = &requests[step];

	r->aio_fildes = open("/dev/zero", O_RDWR);
	r->aio_buf = &bytes[step];
	r->aio_nbytes = 1;
	r->aio_lio_opcode = LIO_READ;
	r->aio_sigevent.sigev_notify = SIGEV_NONE;
	return r;
}

static void arm(void)
{
	const struct itimerspec soon = { .it_value.tv_nsec = 1000000 };
	struct sigevent e;

	by_signal(&e);
	if (timer_create(CLOCK_MONOTONIC, &e, &timer) != 0 ||
	    timer_settime(timer, 0, &soon, NULL) != 0)
		exit(99);
}

/* Returns whether it was handed in. */
static int give(int step)
{
	struct aiocb *r = request(step);

	switch (step) {
	case 0:
	case 1:
		return aio_read(r);
	case 2:
		return aio_write(r);
	case 3:
		return lio_listio(LIO_NOWAIT, &r, 1, NULL);
	case 4:
		by_thread(&r->aio_sigevent, step);
		return aio_read(r);
	case 5:
		by_thread(&r->aio_sigevent, step);
		return aio_write(r);
	case 6:
		by_thread(&r->aio_sigevent, step);
		return aio_fsync(O_SYNC, r);
	case 7:
		by_signal(&r->aio_sigevent);
		return aio_read64((struct aiocb64 *)r);
	default:
		arm();
		return 0;
	}
}

static void ended(int step)
{
	while (aio_error(&requests[step]) == EINPROGRESS)
		sched_yield();
}

static void *taker(void *unused)
{
	for (int step = 0; step < STEPS; step++) {
		const struct aiocb *list[] = { NULL, &requests[step] };

		if (step >= 4 && step <= 6)
			continue;
		until_given(step);
		if (step >= 7)
			sigwaitinfo(&watched, NULL);
		else if (step == 1)
			ended(step);
		else if (aio_suspend(list, 2, NULL) != 0)
			exit(99);
		after_taking(step);
		if (step == 1 && aio_return(&requests[step]) != 1)
			exit(99);
	}
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t t;

	begin(argc, argv);
	sigemptyset(&watched);
	sigaddset(&watched, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &watched, NULL);
	pthread_create(&t, NULL, taker, NULL);
	for (int step = 0; step < STEPS; step++) {
		before_giving(step);
		if (give(step) != 0)
			return 99;
		after_giving(step);
	}
	pthread_join(t, NULL);
	return end(STEPS);
}
