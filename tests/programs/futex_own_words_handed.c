/* SPDX-License-Identifier: MIT */
/*
 * Threads that sleep on futexes of their own until there is something to do:
 * two ask each other in turns, and two workers wait for what main has for
 * them.  Nothing of it is a lock.
 *
 * expect: nothing
 */
#include "futex_own_words.h"
#include "program.h"

static struct sleeper asks, answers, workers[2], maker;
static int question, answer, done;

static void *answer_all(void *unused)
{
	for (int i = 0; i < 20; i++) {
		own_sleep(&answers);
		usleep(1000);
		answer = question + 1;
		own_wake(&asks);
	}
	return unused;
}

static void *ask_all(void *unused)
{
	for (int i = 0; i < 20; i++) {
		usleep(1000);
		question = answer;
		own_wake(&answers);
		own_sleep(&asks);
	}
	return unused;
}

/* The one that is done last says so. */
static void *work(void *own)
{
	for (int i = 0; i < 20; i++) {
		own_sleep(own);
		usleep(1000);
		if (__atomic_add_fetch(&done, 1, __ATOMIC_ACQ_REL) % 2 == 0)
			own_wake(&maker);
	}
	return NULL;
}

int main(void)
{
	pthread_t threads[] = {
		thread_start(answer_all, NULL),
		thread_start(ask_all, NULL),
		thread_start(work, &workers[0]),
		thread_start(work, &workers[1]),
	};

	for (int i = 0; i < 20; i++) {
		own_wake(&workers[0]);
		own_wake(&workers[1]);
		own_sleep(&maker);
		usleep(1000);
	}
	for (int i = 0; i < 4; i++)
		thread_end(threads[i]);
	printf("%d %d\n", answer, done);
	return 0;
}
