/* SPDX-License-Identifier: MIT */
/*
 * A signal handler sets a flag; who sees it writes a tree that two threads
 * write under a mutex.
 *
 * expect: nothing
 */
#include <signal.h>

#include "callback.h"

static volatile sig_atomic_t flag;

static void handler(int signo)
{
	(void)signo;
	flag = 1;
}

int main(void)
{
	pthread_t t = thread_start(other_thread, NULL);

	signal(SIGUSR1, handler);
	for (int i = 0; i < 10; i++)
		insert_locked(i);
	turn_end();
	thread_end(t);
	raise(SIGUSR1);
	if (flag)
		insert_locked(20);
	printf("%d\n", is_there(20));
	return 0;
}
