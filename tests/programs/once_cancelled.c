/* SPDX-License-Identifier: MIT */
/*
 * A once routine that is cancelled has not run: the next caller runs it.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int n_begun;

static void run_once(void)
{
	if (++n_begun == 1) {
		pthread_cancel(pthread_self());
		pthread_testcancel();
	}
}

static void *caller(void *unused)
{
	pthread_once(&once, run_once);
	return unused;
}

int main(void)
{
	IS(1, thread_end(thread_start(caller, NULL)) == PTHREAD_CANCELED);
	IS(1, thread_end(thread_start(caller, NULL)) == NULL);
	IS(1, thread_end(thread_start(caller, NULL)) == NULL);
	IS(2, n_begun);
	return 0;
}
