/* SPDX-License-Identifier: MIT */
/*
 * For kill.sh: two threads lock and unlock, each its own mutex and the
 * common one in turn, and count in a shared file what has returned.  It runs
 * until it is killed.
 *
 * The file: one 64-bit number a thread, of the unlocks of its own mutex.
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>

#include "program.h"

static pthread_mutex_t first_own = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t second_own = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t common = PTHREAD_MUTEX_INITIALIZER;
static volatile uint64_t *counters;

static void count(pthread_mutex_t *own, volatile uint64_t *counter)
{
	for (;;) {
		pthread_mutex_lock(own);
		pthread_mutex_unlock(own);
		++*counter;
		if (*counter % 16)
			continue;
		pthread_mutex_lock(&common);
		pthread_mutex_unlock(&common);
	}
}

static void *second(void *unused)
{
	count(&second_own, &counters[1]);
	return unused;
}

int main(int argc, char **argv)
{
	int fd;

	must(argc == 2, "run without a file's name");
	fd = open(argv[1], O_RDWR | O_CREAT, 0600);
	must(fd >= 0 && ftruncate(fd, 16) == 0, "make the file");
	counters = (volatile uint64_t *)mmap(NULL, 16, PROT_READ | PROT_WRITE,
					     MAP_SHARED, fd, 0);
	must(counters != MAP_FAILED, "map the file");
	thread_start(second, NULL);
	count(&first_own, &counters[0]);
	return 0;
}
