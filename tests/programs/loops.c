/* SPDX-License-Identifier: MIT */
/*
 * Locks that are taken again and again from one place, while a handler
 * interrupts: each 100,000 times, in ways that look alike.  For loops.sh.
 */
#include <semaphore.h>
#include <signal.h>
#include <sys/time.h>

#include "program.h"

enum { TIMES = 100000 };

static pthread_mutex_t same = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t inner = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t places = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t both = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t inside = PTHREAD_MUTEX_INITIALIZER; /* of handlers */
static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static sem_t interrupted;

static void handler(int signo)
{
	(void)signo;
	sem_post(&interrupted);
	for (int i = 0; i < 20; i++) {
		pthread_mutex_lock(&inside);
		pthread_mutex_unlock(&inside);
	}
}

static void *take_both(void *unused)
{
	for (int i = 0; i < TIMES / 2; i++) {
		pthread_mutex_lock(&both);
		pthread_mutex_unlock(&both);
	}
	return unused;
}

static void alone(void)
{
	for (int i = 0; i < TIMES; i++) {
		pthread_mutex_lock(&same);
		pthread_mutex_unlock(&same);
	}
	for (int i = 0; i < TIMES; i++) {
		pthread_mutex_lock(&outer);
		pthread_mutex_lock(&inner);
		pthread_mutex_unlock(&inner);
		pthread_mutex_unlock(&outer);
	}
	for (int i = 0; i < TIMES / 2; i++) {
		pthread_mutex_lock(&recursive);
		pthread_mutex_lock(&recursive);
		pthread_mutex_unlock(&recursive);
		pthread_mutex_unlock(&recursive);
	}
	for (int i = 0; i < TIMES / 2; i++) {
		pthread_mutex_lock(&places);
		pthread_mutex_unlock(&places);
		pthread_mutex_lock(&places);
		pthread_mutex_unlock(&places);
	}
	for (int i = 0; i < TIMES; i++) {
		pthread_spin_lock(&spin);
		pthread_spin_unlock(&spin);
	}
	/* From one place, but not in one way. */
	for (int i = 0; i < TIMES; i++) {
		int (*volatile take)(pthread_rwlock_t *) =
			i / 7 % 2 ? pthread_rwlock_rdlock
				  : pthread_rwlock_wrlock;

		take(&rwlock);
		pthread_rwlock_unlock(&rwlock);
	}
}

int main(void)
{
	const struct itimerval often = { { 0, 100 }, { 0, 100 } },
			       never = { 0 };
	int n_interrupted = 0;
	pthread_t thread;

	pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
	sem_init(&interrupted, 0, 0);
	signal(SIGALRM, handler);
	setitimer(ITIMER_REAL, &often, NULL);

	alone();
	/* Two handlers at once would wait for each other's lock for ever. */
	setitimer(ITIMER_REAL, &never, NULL);
	thread = thread_start(take_both, NULL);
	take_both(NULL);
	thread_end(thread);

	while (sem_trywait(&interrupted) == 0)
		n_interrupted++;
	printf("%d\n", n_interrupted);
	return 0;
}
