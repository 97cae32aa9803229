/* SPDX-License-Identifier: MIT */
/*
 * A signal handler writes a tree that two threads write under a mutex.
 *
 * expect: callback-write
 */
#include <signal.h>

#include "callback.h"

static void handler(int signo)
{
	(void)signo;
	insert(20);
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
	printf("%d\n", is_there(20));
	return 0;
}
