/* SPDX-License-Identifier: MIT */
/*
 * More locks than the recorder has room for, which is little where the address
 * space is limited.  Those that it had met go on being followed; of the others
 * nothing is recorded, the report says so, and nothing is wrong about them.
 *
 * traces: 2
 * loss: may
 * expect: lock-double-unlock
 */
#include <string.h>
#include <sys/resource.h>

#include "program.h"

#define LOCKS 50000

static pthread_mutex_t early = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t late[LOCKS];

static void use(pthread_mutex_t *m)
{
	must(pthread_mutex_lock(m) == 0, "lock");
	must(pthread_mutex_unlock(m) == 0, "unlock");
}

static void *use_backwards(void *unused)
{
	for (int i = LOCKS - 1; i > 0; i--) {
		pthread_mutex_lock(&late[i]);
		use(&late[i - 1]);
		pthread_mutex_unlock(&late[i]);
	}
	return unused;
}

int main(int argc, char **argv)
{
	static char word[] = "again";
	char *again[] = { argv[0], word, NULL };
	struct rlimit limit;

	if (argc < 2 || strcmp(argv[1], word) != 0) {
		getrlimit(RLIMIT_AS, &limit);
		limit.rlim_cur = (rlim_t)4 << 30;
		must(setrlimit(RLIMIT_AS, &limit) == 0, "set a limit");
		execv(argv[0], again);
		must(0, "become the second program");
	}
	use(&early);
	for (int i = 0; i < LOCKS; i++)
		use(&late[i]);
	thread_end(thread_start(use_backwards, NULL));
	use(&early);
	IS(0, pthread_mutex_unlock(&early));
	return 0;
}
