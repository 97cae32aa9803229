/* SPDX-License-Identifier: MIT */
/*
 * A handler leaves by siglongjmp, out of whatever the program was in: a
 * lock call or a search.  The mutex of that moment is never used again.
 *
 * loss: may
 * expect: nothing
 */
#include <search.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>

#include "program.h"

#define JUMPS 200

static pthread_mutex_t m[JUMPS + 1];
static sigjmp_buf back;
static volatile sig_atomic_t n_jumps;
static int keys[100];
static int new_key = 200;
static void *root;

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void tick(int signo)
{
	(void)signo;
	if (n_jumps < JUMPS) {
		n_jumps++;
		siglongjmp(back, 1);
	}
}

static void *check(void *unused)
{
	for (int i = 0; i < 100; i++)
		must(tfind(&keys[i], &root, compare) != NULL, "find");
	must(tsearch(&new_key, &root, compare) != NULL, "insert");
	return unused;
}

int main(void)
{
	struct itimerval it = { { 0, 1000 }, { 0, 1000 } };
	struct itimerval off = { { 0, 0 }, { 0, 0 } };
	struct sigaction sa = { 0 };

	for (int i = 0; i < 100; i++) {
		keys[i] = i;
		tsearch(&keys[i], &root, compare);
	}
	sa.sa_handler = tick;
	sigaction(SIGALRM, &sa, NULL);
	if (!sigsetjmp(back, 1))
		setitimer(ITIMER_REAL, &it, NULL);
	while (n_jumps < JUMPS) {
		pthread_mutex_t *mine = &m[n_jumps];

		for (int i = 0; i < 100; i++) {
			pthread_mutex_lock(mine);
			pthread_mutex_unlock(mine);
			tfind(&keys[i], &root, compare);
		}
	}
	setitimer(ITIMER_REAL, &off, NULL);
	signal(SIGALRM, SIG_IGN);

	IS(JUMPS, n_jumps);
	thread_end(thread_start(check, NULL));
	return 0;
}
