/* SPDX-License-Identifier: MIT */
/*
 * Handlers jump out of a semaphore's and a condition's wait; then the thread
 * ends by pthread_exit(), which looks for what to call on the way out.  A jump
 * out of a condition's wait leaves the mutex locked: glibc takes it again.
 *
 * loss: may
 * expect: lock-cancel-held
 */
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static sem_t s;
static sigjmp_buf back;

static void jump(int signo)
{
	(void)signo;
	siglongjmp(back, 1);
}

static __attribute__((noinline)) void wait_deep(int how)
{
	volatile char deep[2000];

	deep[0] = 1;
	(void)deep;
	if (how == 0)
		sem_wait(&s);
	pthread_mutex_lock(&m);
	for (;;)
		pthread_cond_wait(&c, &m);
}

/* What was on the stack is there no more. */
static __attribute__((noinline)) void overwrite(void)
{
	char all[8000];

	memset(all, 0x41, sizeof(all));
	__asm__ volatile("" : : "r"(all) : "memory");
}

static void *body(void *how)
{
	const struct timespec soon = { .tv_nsec = 20000000 };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGUSR1 };
	struct itimerspec once = { .it_value = soon };
	timer_t timer;

	signal(SIGUSR1, jump);
	must(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0,
	     "have a timer");
	if (!sigsetjmp(back, 1)) {
		must(timer_settime(timer, 0, &once, NULL) == 0, "set it");
		wait_deep(how != NULL);
	}
	timer_delete(timer);
	overwrite();
	pthread_exit((void *)7);
}

int main(void)
{
	sigset_t usr1, before;

	sem_init(&s, 0, 0);
	for (long how = 0; how < 2; how++) {
		pthread_t t = thread_start(body, (void *)how);

		/* The timer's signal is for the other thread. */
		sigemptyset(&usr1);
		sigaddset(&usr1, SIGUSR1);
		pthread_sigmask(SIG_BLOCK, &usr1, &before);
		IS(7, thread_end(t));
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	}
	IS(EBUSY, pthread_mutex_trylock(&m));
	return 0;
}
