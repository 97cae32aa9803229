/* SPDX-License-Identifier: MIT */
/*
 * Calls that wait for something else than a lock, each made once while a
 * mutex is held.
 *
 * A helper ends each call: when, if wanted, another thread was seen waiting
 * for the mutex, and 5 ms later.
 */
#ifndef TESTS_BLOCKING_H
#define TESTS_BLOCKING_H

#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "mutex_waiter.h"

/* How a call is made, and what ends it; arg is the helper's. */
struct blocking {
	const char *name;
	void (*prepare)(void);
	long (*call)(void);
	void (*end)(void);
};

static int ends[2]; /* of a pipe or a pair of sockets */
static int others[2];
static sem_t sem;
static pid_t child;
static pthread_t joined;
static atomic_bool over;

static void *end_call(void *blocking)
{
	const struct blocking *b = blocking;

	while (waiter_id && !is_in_futex(waiter_id))
		sched_yield();
	usleep(5000);
	over = true;
	if (b->end)
		b->end();
	return NULL;
}

/* Makes the call; locked and waited for, or not. */
static void block(struct blocking *b, bool locked, bool waited)
{
	pthread_t waiter = 0, ender;

	over = false;
	waiter_id = 0;
	if (b->prepare)
		b->prepare();
	if (locked)
		pthread_mutex_lock(&m);
	if (waited) {
		waiter = thread_start(wait_for_mutex, NULL);
		while (!waiter_id)
			sched_yield();
	}
	ender = thread_start(end_call, b);
	printf("%s: %ld\n", b->name, b->call());
	if (locked)
		pthread_mutex_unlock(&m);
	if (waited)
		thread_end(waiter);
	thread_end(ender);
}

static void make_pipe(void)
{
	must(pipe(ends) == 0, "make a pipe");
}

static void make_pair(void)
{
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "make sockets");
}

static void send_byte(void)
{
	must(write(ends[1], "x", 1) == 1, "write");
}

static long end_of(long result)
{
	close(ends[0]);
	close(ends[1]);
	return result;
}

static long call_read(void)
{
	char c;

	return end_of(read(ends[0], &c, 1));
}

static long call_recv(void)
{
	char c;

	return end_of(recv(ends[0], &c, 1, 0));
}

static void make_full_pipe(void)
{
	static char page[4096];

	make_pipe();
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	while (write(ends[1], page, sizeof(page)) > 0)
		;
	fcntl(ends[1], F_SETFL, 0);
}

static void empty_pipe(void)
{
	static char page[1 << 16];

	must(read(ends[0], page, sizeof(page)) > 0, "read");
}

static long call_write(void)
{
	return end_of(write(ends[1], "x", 1));
}

static long call_poll(void)
{
	struct pollfd p = { .fd = ends[0], .events = POLLIN };

	return end_of(poll(&p, 1, -1));
}

static long call_select(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	return end_of(select(ends[0] + 1, &set, NULL, NULL, NULL));
}

static long call_epoll(void)
{
	struct epoll_event e = { .events = EPOLLIN };
	int fd = epoll_create1(0);
	long r;

	epoll_ctl(fd, EPOLL_CTL_ADD, ends[0], &e);
	r = epoll_wait(fd, &e, 1, -1);
	close(fd);
	return end_of(r);
}

/* The kernel's choice of a name: a socket without one. */
static void listen_unix(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	ends[0] = socket(AF_UNIX, SOCK_STREAM, 0);
	must(bind(ends[0], (void *)&name, sizeof(name.sun_family)) == 0 &&
		     listen(ends[0], 0) == 0,
	     "listen");
	ends[1] = socket(AF_UNIX, SOCK_STREAM, 0);
}

static void connect_unix(void)
{
	struct sockaddr_un name;
	socklen_t n = sizeof(name);

	getsockname(ends[0], (void *)&name, &n);
	must(connect(ends[1], (void *)&name, n) == 0, "connect");
}

static long call_accept(void)
{
	int fd = accept(ends[0], NULL, NULL);

	close(fd);
	return end_of(fd >= 0);
}

static long call_usleep(void)
{
	while (!over)
		usleep(1000);
	return 0;
}

static long call_nanosleep(void)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	while (!over)
		nanosleep(&ms, NULL);
	return 0;
}

static void make_child(void)
{
	char c;

	make_pipe();
	fflush(stdout);
	child = fork();
	must(child >= 0, "fork");
	if (child == 0)
		_exit(read(ends[0], &c, 1) == 1 ? 7 : 99);
}

static long call_waitpid(void)
{
	int status = 0;

	must(waitpid(child, &status, 0) == child, "wait");
	return end_of(WEXITSTATUS(status));
}

static void make_lock(void)
{
	ends[0] = open("/proc/self/exe", O_RDONLY);
	ends[1] = open("/proc/self/exe", O_RDONLY);
	must(flock(ends[1], LOCK_EX) == 0, "lock");
}

static void free_lock(void)
{
	flock(ends[1], LOCK_UN);
}

static long call_flock(void)
{
	return end_of(flock(ends[0], LOCK_EX));
}

/* Two descriptions of one file: what is locked by one waits for the other. */
static void make_range(void)
{
	struct flock all = { .l_type = F_WRLCK };
	char path[64];

	ends[1] = memfd_create("range", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[1]);
	ends[0] = open(path, O_RDWR | O_CLOEXEC);
	must(fcntl(ends[1], F_OFD_SETLK, &all) == 0, "lock");
}

static void free_range(void)
{
	struct flock all = { .l_type = F_UNLCK };

	fcntl(ends[1], F_OFD_SETLK, &all);
}

static long call_fcntl(void)
{
	struct flock all = { .l_type = F_WRLCK };

	return end_of(fcntl(ends[0], F_OFD_SETLKW, &all));
}

static void make_sem(void)
{
	sem_init(&sem, 0, 0);
}

static void post_sem(void)
{
	sem_post(&sem);
}

static long call_sem(void)
{
	return sem_wait(&sem);
}

static void *read_byte(void *unused)
{
	char c;

	must(read(others[0], &c, 1) == 1, "read");
	return unused;
}

static void make_thread(void)
{
	must(pipe(others) == 0, "make a pipe");
	joined = thread_start(read_byte, NULL);
}

static void end_thread(void)
{
	must(write(others[1], "x", 1) == 1, "write");
}

static long call_join(void)
{
	return pthread_join(joined, NULL);
}

static struct blocking blockings[] = {
	{ "read", make_pipe, call_read, send_byte },
	{ "recv", make_pair, call_recv, send_byte },
	{ "write", make_full_pipe, call_write, empty_pipe },
	{ "poll", make_pipe, call_poll, send_byte },
	{ "select", make_pipe, call_select, send_byte },
	{ "epoll_wait", make_pipe, call_epoll, send_byte },
	{ "accept", listen_unix, call_accept, connect_unix },
	{ "usleep", NULL, call_usleep, NULL },
	{ "nanosleep", NULL, call_nanosleep, NULL },
	{ "waitpid", make_child, call_waitpid, send_byte },
	{ "flock", make_lock, call_flock, free_lock },
	{ "fcntl", make_range, call_fcntl, free_range },
	{ "sem_wait", make_sem, call_sem, post_sem },
	{ "pthread_join", make_thread, call_join, end_thread },
};

#define N_BLOCKINGS (sizeof(blockings) / sizeof(blockings[0]))

#endif
