/* SPDX-License-Identifier: MIT */
/*
 * A program that may only write small files, below the size that its trace
 * would have.  It is not to be killed by SIGXFSZ for what it did not write,
 * and still is told when it writes too much itself.
 *
 * loss: may
 * expect: nothing
 */
#include <signal.h>
#include <sys/resource.h>

#include "much.h"

static volatile sig_atomic_t n_signals;

static void too_large(int signo)
{
	(void)signo;
	n_signals++;
}

int main(void)
{
	static char block[32768];
	struct rlimit limit = { 65536, 65536 };
	FILE *f = tmpfile();
	pthread_t t;

	must(f != NULL, "make a file");
	must(setrlimit(RLIMIT_FSIZE, &limit) == 0, "set the limit");
	t = thread_start(much_body, NULL);
	much_locking(0, 25);
	thread_end(t);

	signal(SIGXFSZ, too_large);
	t = thread_start(much_body, NULL);
	much_locking(0, 25);
	thread_end(t);
	IS(0, n_signals);
	IS(32768, write(fileno(f), block, sizeof(block)));
	IS(32768, write(fileno(f), block, sizeof(block)));
	IS(0, n_signals);
	FAILS(EFBIG, write(fileno(f), block, sizeof(block)));
	IS(1, n_signals);
	signal(SIGXFSZ, SIG_IGN);
	much_locking(0, 5);
	FAILS(EFBIG, write(fileno(f), block, sizeof(block)));
	return 0;
}
