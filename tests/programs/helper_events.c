/* SPDX-License-Identifier: MIT */
/*
 * libc calls functions in threads of its own: what was done before the timer
 * was set, the queue asked about, the requests handed in comes before them.
 * Each is given the value it was to be given.  A request has a channel of its
 * own, for who asks about it.
 *
 * expect: nothing
 * events: HAPPENS_BEFORE HAPPENS_AFTER
 * event: 1 HAPPENS_BEFORE channel#1 timer_settime
 * event: 1 HAPPENS_BEFORE channel#2 timer_settime
 * event: 1 HAPPENS_BEFORE channel#1 timer_settime
 * event: 1 HAPPENS_BEFORE channel#3 lio_listio
 * event: 1 HAPPENS_BEFORE channel#4 lio_listio
 * event: 1 HAPPENS_AFTER channel#3 aio_return
 * event: 1 HAPPENS_BEFORE channel#5 mq_notify
 * event: 2 HAPPENS_AFTER channel#1 timer_create
 * event: 3 HAPPENS_AFTER channel#2 timer_create
 * event: 4 HAPPENS_AFTER channel#1 timer_create
 * event: 5 HAPPENS_AFTER channel#4 lio_listio
 * event: 6 HAPPENS_AFTER channel#5 mq_notify
 */
#include <aio.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdatomic.h>

#include "program.h"

static atomic_int called, last_value;

static void call_back(union sigval value)
{
	last_value = value.sival_int;
	called++;
}

static struct sigevent event(int value)
{
	return (struct sigevent){ .sigev_notify = SIGEV_THREAD,
				  .sigev_notify_function = call_back,
				  .sigev_value.sival_int = value };
}

static void comes(int value)
{
	while (!called)
		sched_yield();
	IS(value, last_value);
	called = 0;
}

static void arm(timer_t t)
{
	const struct itimerspec soon = { .it_value.tv_nsec = 1000000 };

	IS(0, timer_settime(t, 0, &soon, NULL));
}

static void with_timers(void)
{
	struct sigevent one = event(1), other = event(2);
	struct sigevent none = { .sigev_notify = SIGEV_NONE };
	timer_t a, b;

	IS(0, timer_create(CLOCK_MONOTONIC, &one, &a));
	IS(0, timer_create(CLOCK_MONOTONIC, &other, &b));
	arm(a);
	comes(1);
	arm(b);
	comes(2);
	IS(0, timer_delete(a));
	IS(0, timer_delete(b));
	/* A timer that calls nobody may have the number now. */
	IS(0, timer_create(CLOCK_MONOTONIC, &none, &b));
	arm(b);
	IS(0, timer_create(CLOCK_MONOTONIC, &one, &a));
	arm(a);
	comes(1);
	FAILS(EINVAL, timer_create(1000, &one, &a));
	/* What the program said is as it said it. */
	IS(1, one.sigev_notify_function == call_back);
	IS(1, one.sigev_value.sival_int);
}

static void with_requests(void)
{
	static char c;
	struct aiocb request = { .aio_fildes = open("/dev/zero", O_RDONLY),
				 .aio_buf = &c,
				 .aio_nbytes = 1,
				 .aio_lio_opcode = LIO_READ };
	struct aiocb *list[] = { &request };
	struct sigevent e = event(3);

	IS(0, lio_listio(LIO_NOWAIT, list, 1, &e));
	comes(3);
	IS(1, aio_return(&request));
	close(request.aio_fildes);
}

static void with_queue(void)
{
	struct mq_attr size = { .mq_maxmsg = 1, .mq_msgsize = 1 };
	struct sigevent e = event(4);
	char name[64];
	mqd_t q;

	snprintf(name, sizeof(name), "/cmshim.test.%d", (int)getpid());
	q = mq_open(name, O_CREAT | O_RDWR, 0600, &size);
	must(q >= 0, "make a queue");
	mq_unlink(name);
	IS(0, mq_notify(q, &e));
	IS(0, mq_send(q, "x", 1, 0));
	comes(4);
	mq_close(q);
}

int main(void)
{
	with_timers();
	with_requests();
	with_queue();
	return 0;
}
