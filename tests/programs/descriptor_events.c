/* SPDX-License-Identifier: MIT */
/*
 * What is put into a pipe, a pair of sockets or an eventfd happens before it
 * is taken out, whichever copy of a descriptor that is done by, and closing
 * happens before the end is found.  Files, a pipe of which one end is gone and
 * a number that is a file's now have no part in it.
 *
 * expect: nothing
 * events: HAPPENS_BEFORE HAPPENS_AFTER
 * event: 1 HAPPENS_BEFORE channel#1 write
 * event: 1 HAPPENS_BEFORE channel#1 writev
 * event: 1 HAPPENS_BEFORE channel#1 write
 * event: 1 HAPPENS_BEFORE channel#1 close
 * event: 1 HAPPENS_BEFORE channel#2 send
 * event: 1 HAPPENS_BEFORE channel#3 sendmsg
 * event: 1 HAPPENS_AFTER channel#3 read
 * event: 1 HAPPENS_AFTER channel#2 recv
 * event: 1 HAPPENS_BEFORE channel#3 close
 * event: 1 HAPPENS_BEFORE channel#4 eventfd_write
 * event: 1 HAPPENS_AFTER channel#4 read
 * event: 2 HAPPENS_AFTER channel#1 read
 * event: 2 HAPPENS_AFTER channel#1 readv
 * event: 2 HAPPENS_AFTER channel#1 read
 * event: 2 HAPPENS_AFTER channel#1 read
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "program.h"

static int ends[2];
static char c;
static struct iovec iov = { &c, 1 };

static void *reader(void *unused)
{
	must(read(ends[0], &c, 1) == 1, "read");
	must(readv(ends[0], &iov, 1) == 1, "read");
	must(read(ends[0], &c, 1) == 1, "read");
	must(read(ends[0], &c, 1) == 0, "find the end");
	return unused;
}

static void through_pipe(void)
{
	pthread_t t;
	int copy, other;

	IS(0, pipe(ends));
	t = thread_start(reader, NULL);
	IS(1, write(ends[1], "a", 1));
	copy = dup(ends[1]);
	IS(0, close(ends[1]));
	IS(1, writev(copy, &iov, 1));
	other = fcntl(copy, F_DUPFD_CLOEXEC, 100);
	IS(1, other >= 100);
	IS(0, close(copy));
	IS(copy, dup2(other, copy));
	IS(0, close(other));
	IS(1, write(copy, "c", 1));
	IS(0, close(copy));
	thread_end(t);
	IS(0, close(ends[0]));
}

static void through_sockets(void)
{
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	int s[2];

	IS(0, socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	IS(1, send(s[0], "a", 1, 0));
	IS(1, sendmsg(s[1], &m, 0));
	IS(1, read(s[0], &c, 1));
	IS(1, recv(s[1], &c, 1, MSG_DONTWAIT));
	FAILS(EAGAIN, recv(s[1], &c, 1, MSG_DONTWAIT));
	/* Nobody is left to be told. */
	close(s[1]);
	FAILS(EPIPE, send(s[0], "a", 1, MSG_NOSIGNAL));
	close(s[0]);
}

static void through_event(void)
{
	uint64_t value;
	int e = eventfd(0, 0);

	IS(0, eventfd_write(e, 3));
	IS(8, read(e, &value, 8));
	IS(3, value);
	IS(0, close(e));
}

/* A child's pipe is not this process's affair. */
static void through_child(void)
{
	pid_t pid;
	int status;

	IS(0, pipe(ends));
	fflush(stdout);
	pid = fork();
	must(pid >= 0, "fork");
	if (pid == 0)
		_exit(read(ends[0], &c, 1) == 1 ? 0 : 99);
	close(ends[0]);
	IS(1, write(ends[1], "a", 1));
	must(waitpid(pid, &status, 0) == pid, "wait");
	IS(0, status);
	close(ends[1]);
}

static void files(void)
{
	int fd = open("/dev/null", O_RDWR);

	must(fd >= 0, "open");
	IS(1, write(fd, "a", 1));
	IS(0, read(fd, &c, 1));
	close(fd);
	FAILS(EBADF, write(-1, "a", 1));
	FAILS(EBADF, read(1000000, &c, 1));
	FAILS(EBADF, close(1000000));
	FAILS(EBADF, dup2(1000000, 5));
}

int main(void)
{
	through_pipe();
	through_sockets();
	through_event();
	through_child();
	files();
	return 0;
}
