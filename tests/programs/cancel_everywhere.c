/* SPDX-License-Identifier: MIT */
/*
 * Every call that waits, entered by a thread that was cancelled before, with a
 * lock held: libc says which of them are where that shows, and nothing of ours
 * changes it.  Each thread gives the lock up on its way out.
 *
 * build: -pthread -lrt
 * expect: nothing
 * allow: perf-hot
 * allow: lock-held-blocking
 * allow: cv-wait-holding-other
 */
#include <aio.h>
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t waited = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static sem_t posted;
static pthread_t ended; /* but not joined */
static int file, pair[2], events, polled;
static struct aiocb request;
static const struct timespec at_once;

#define ONE_BYTE &(struct iovec){ (char[1]){ 0 }, 1 }, 1
#define MESSAGE                                         \
	&(struct msghdr)                                \
	{                                               \
		.msg_iov = ONE_BYTE_IN, .msg_iovlen = 1 \
	}
#define ONE_BYTE_IN               \
	&(struct iovec)           \
	{                         \
		(char[1]){ 0 }, 1 \
	}

#define CALLS(X)                                                               \
	X(read, (file, (char[1]){ 0 }, 1))                                     \
	X(readv, (file, ONE_BYTE))                                             \
	X(pread, (file, (char[1]){ 0 }, 1, 0))                                 \
	X(write, (file, "x", 1))                                               \
	X(writev, (file, ONE_BYTE))                                            \
	X(pwrite, (file, "x", 1, 0))                                           \
	X(fsync, (file))                                                       \
	X(fdatasync, (file))                                                   \
	X(flock, (file, LOCK_EX))                                              \
	X(lockf, (file, F_LOCK, 0))                                            \
	X(fcntl, (file, F_GETFD))                                              \
	X(send, (pair[0], "x", 1, 0))                                          \
	X(sendto, (pair[0], "x", 1, 0, NULL, 0))                               \
	X(sendmsg, (pair[0], MESSAGE, 0))                                      \
	X(recv, (pair[1], (char[1]){ 0 }, 1, MSG_DONTWAIT))                    \
	X(recvfrom, (pair[1], (char[1]){ 0 }, 1, MSG_DONTWAIT, NULL, NULL))    \
	X(recvmsg, (pair[1], MESSAGE, MSG_DONTWAIT))                           \
	X(connect, (pair[0], NULL, 0))                                         \
	X(accept, (pair[0], NULL, NULL))                                       \
	X(eventfd_write, (events, 1))                                          \
	X(eventfd_read, (events, &(eventfd_t){ 0 }))                           \
	X(poll, (NULL, 0, 0))                                                  \
	X(ppoll, (NULL, 0, &at_once, NULL))                                    \
	X(select, (0, NULL, NULL, NULL, &(struct timeval){ 0, 0 }))            \
	X(pselect, (0, NULL, NULL, NULL, &at_once, NULL))                      \
	X(epoll_wait, (polled, &(struct epoll_event){ 0 }, 1, 0))              \
	X(epoll_pwait, (polled, &(struct epoll_event){ 0 }, 1, 0, NULL))       \
	X(sleep, (0))                                                          \
	X(usleep, (0))                                                         \
	X(nanosleep, (&at_once, NULL))                                         \
	X(clock_nanosleep, (CLOCK_MONOTONIC, 0, &at_once, NULL))               \
	X(wait, (NULL))                                                        \
	X(waitpid, (-1, NULL, WNOHANG))                                        \
	X(waitid, (P_ALL, 0, NULL, WNOHANG | WEXITED))                         \
	X(wait4, (-1, NULL, WNOHANG, NULL))                                    \
	X(sigtimedwait, (&(sigset_t){ 0 }, NULL, &at_once))                    \
	X(aio_suspend, ((const struct aiocb *[]){ &request }, 1, NULL))        \
	X(sem_wait, (&posted))                                                 \
	X(sem_trywait, (&posted))                                              \
	X(sem_timedwait, (&posted, &at_once))                                  \
	X(sem_clockwait, (&posted, CLOCK_MONOTONIC, &at_once))                 \
	X(pthread_cond_wait, (&never, &waited))                                \
	X(pthread_cond_timedwait, (&never, &waited, &at_once))                 \
	X(pthread_cond_clockwait, (&never, &waited, CLOCK_REALTIME, &at_once)) \
	X(pthread_tryjoin_np, (ended, NULL))                                   \
	X(pthread_join, (ended, NULL))

static void unlock(void *lock)
{
	pthread_mutex_unlock(lock);
}

#define X(name, arguments)                             \
	static void *in_##name(void *unused)           \
	{                                              \
		pthread_cancel(pthread_self());        \
		pthread_mutex_lock(&m);                \
		pthread_cleanup_push(unlock, &m);      \
		pthread_mutex_lock(&waited);           \
		pthread_cleanup_push(unlock, &waited); \
		(void)!name arguments;                 \
		pthread_cleanup_pop(1);                \
		pthread_cleanup_pop(1);                \
		return unused;                         \
	}
CALLS(X)
#undef X

static const struct {
	const char *name;
	void *(*body)(void *);
} calls[] = {
#define X(name, arguments) { #name, in_##name },
	CALLS(X)
#undef X
};

static void *end_at_once(void *unused)
{
	return unused;
}

int main(void)
{
	file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	must(file >= 0, "make a file");
	must(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0, "make sockets");
	events = eventfd(1, 0);
	polled = epoll_create1(0);
	sem_init(&posted, 0, 100);
	ended = thread_start(end_at_once, NULL);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		void *r = thread_end(thread_start(calls[i].body, NULL));

		printf("%s: %s\n", calls[i].name,
		       r == PTHREAD_CANCELED ? "cancelled" : "returned");
		IS(0, pthread_mutex_trylock(&m));
		IS(0, pthread_mutex_unlock(&m));
	}
	return 0;
}
