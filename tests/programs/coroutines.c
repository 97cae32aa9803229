/* SPDX-License-Identifier: MIT */
/*
 * Coroutines on stacks of their own, switched by swapcontext while they hold
 * locks, and resumed by another thread when they hold none; their stacks are
 * unmapped in the end.
 *
 * expect: nothing
 */
#include <sys/mman.h>
#include <ucontext.h>

#include "program.h"

#define COROUTINES  4
#define STACK_BYTES 65536
#define ROUNDS	    50

static pthread_mutex_t m[COROUTINES];
static pthread_mutex_t scheduler = PTHREAD_MUTEX_INITIALIZER;
static ucontext_t back;
static ucontext_t context[COROUTINES];
static int current;

__attribute__((noinline)) static void nested(int me, int depth)
{
	if (depth) {
		nested(me, depth - 1);
		__asm__ volatile("" ::: "memory"); /* no tail call */
		return;
	}
	pthread_mutex_lock(&m[me]);
	swapcontext(&context[me], &back);
	pthread_mutex_unlock(&m[me]);
}

static void coroutine(void)
{
	int me = current;

	for (int i = 0; i < ROUNDS; i++) {
		nested(me, i % 10);
		swapcontext(&context[me], &back);
	}
}

/* Each of them holds its lock from its first to its second turn. */
static void *resume_all(void *unused)
{
	for (int turn = 0; turn < ROUNDS; turn++)
		for (current = 0; current < COROUTINES; current++) {
			swapcontext(&back, &context[current]);
			pthread_mutex_lock(&scheduler);
			pthread_mutex_unlock(&scheduler);
		}
	return unused;
}

int main(void)
{
	char *stacks = (char *)mmap(NULL, COROUTINES * STACK_BYTES,
				    PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(stacks != MAP_FAILED, "map the stacks");
	for (int i = 0; i < COROUTINES; i++) {
		pthread_mutex_init(&m[i], NULL);
		getcontext(&context[i]);
		context[i].uc_stack.ss_sp = stacks + (size_t)i * STACK_BYTES;
		context[i].uc_stack.ss_size = STACK_BYTES;
		context[i].uc_link = &back;
		makecontext(&context[i], coroutine, 0);
	}
	resume_all(NULL);
	thread_end(thread_start(resume_all, NULL));
	munmap(stacks, COROUTINES * STACK_BYTES);
	for (int i = 0; i < COROUTINES; i++)
		IS(0, pthread_mutex_trylock(&m[i]));
	return 0;
}
