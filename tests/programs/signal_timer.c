/* SPDX-License-Identifier: MIT */
/*
 * A timer signal at 1 kHz in the midst of locking; its handler posts a
 * semaphore, and takes a lock of its own if it can.
 *
 * loss: may
 * expect: nothing
 * allow: perf-hot
 */
#include <semaphore.h>
#include <signal.h>
#include <sys/time.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t in_handler = PTHREAD_MUTEX_INITIALIZER;
static sem_t s;
static volatile sig_atomic_t n_signals;

static void tick(int signo)
{
	int saved = errno;

	(void)signo;
	sem_post(&s);
	if (!pthread_mutex_trylock(&in_handler))
		pthread_mutex_unlock(&in_handler);
	n_signals++;
	errno = saved;
}

static void *locker(void *unused)
{
	while (n_signals < 200)
		for (int i = 0; i < 100; i++) {
			pthread_mutex_lock(&m);
			pthread_mutex_unlock(&m);
		}
	return unused;
}

int main(void)
{
	struct itimerval it = { { 0, 1000 }, { 0, 1000 } };
	struct itimerval off = { { 0, 0 }, { 0, 0 } };
	struct sigaction sa = { 0 };
	pthread_t t;
	int posted;

	sem_init(&s, 0, 0);
	sa.sa_handler = tick;
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
	t = thread_start(locker, NULL);
	locker(NULL);
	thread_end(t);
	setitimer(ITIMER_REAL, &off, NULL);
	signal(SIGALRM, SIG_IGN);

	sem_getvalue(&s, &posted);
	printf("%s\n", posted == n_signals ? "every signal posted" : "lost");
	while (posted--)
		must(sem_trywait(&s) == 0, "take what was posted");
	FAILS(EAGAIN, sem_trywait(&s));
	return 0;
}
