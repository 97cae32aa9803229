/* SPDX-License-Identifier: MIT */
/*
 * A program that may open no further descriptor: it sees the same numbers,
 * and the same refusal, as ever.
 *
 * loss: may
 * expect: nothing
 */
#include <fcntl.h>
#include <sys/resource.h>

#include "much.h"

int main(void)
{
	struct rlimit limit = { 6, 6 };
	pthread_t t;

	must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "set the limit");
	for (int i = 3; i < 6; i++)
		IS(i, open("/dev/null", O_RDONLY));
	FAILS(EMFILE, open("/dev/null", O_RDONLY));
	t = thread_start(much_body, NULL);
	much_locking(0, 25);
	thread_end(t);
	FAILS(EMFILE, open("/dev/null", O_RDONLY));
	IS(0, close(4));
	IS(4, open("/dev/null", O_RDONLY));
	return 0;
}
