/* SPDX-License-Identifier: MIT */
/*
 * Handlers on alternate stacks as small as the system allows, nested, from
 * the middle of a search and with a stack that has just overflowed.
 *
 * loss: may
 * expect: nothing
 */
#include <search.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static sem_t s;
static sigjmp_buf back;
static int keys[] = { 2, 1 };
static void *root;

static void post(int signo)
{
	(void)signo;
	sem_post(&s);
	if (!pthread_mutex_trylock(&m))
		pthread_mutex_unlock(&m);
}

static void overflowed(int signo)
{
	post(signo);
	siglongjmp(back, 1);
}

static int compare(const void *a, const void *b)
{
	raise(SIGUSR1);
	return *(const int *)a - *(const int *)b;
}

/* Its end is the stack's. */
static int overflow(volatile char *outer)
{
	volatile char inner[4096];

	inner[0] = outer ? outer[0] : 1;
	if (!inner[0])
		return 0;
	return overflow(inner) + inner[0];
}

static void *body(void *unused)
{
	stack_t alt = { 0 };
	char *memory;

	alt.ss_size = (size_t)sysconf(_SC_SIGSTKSZ);
	memory = (char *)malloc(alt.ss_size);
	must(memory != NULL, "get memory");
	alt.ss_sp = memory;
	must(sigaltstack(&alt, NULL) == 0, "set the stack");
	for (int i = 0; i < 1000; i++)
		raise(SIGUSR1);
	tsearch(&keys[0], &root, compare);
	tsearch(&keys[1], &root, compare);
	if (!sigsetjmp(back, 1))
		overflow(NULL);
	alt.ss_flags = SS_DISABLE;
	sigaltstack(&alt, NULL);
	free(memory);
	return unused;
}

int main(void)
{
	struct sigaction sa = { 0 };
	int posted;

	sem_init(&s, 0, 0);
	sa.sa_flags = SA_ONSTACK;
	sa.sa_handler = post;
	sigaction(SIGUSR1, &sa, NULL);
	sa.sa_handler = overflowed;
	sigaction(SIGSEGV, &sa, NULL);
	thread_end(thread_start(body, NULL));
	body(NULL);
	sem_getvalue(&s, &posted);
	SHOW(posted);
	return 0;
}
