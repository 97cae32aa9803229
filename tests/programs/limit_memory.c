/* SPDX-License-Identifier: MIT */
/*
 * A program that may map little more than it has: the recorder must not eat
 * what it needs, and must live with nothing at all.
 *
 * loss: may
 * expect: nothing
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "much.h"

static size_t mapped_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	must(f && fscanf(f, "%lu", &pages) == 1, "read the size");
	fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void limit_to(size_t bytes)
{
	struct rlimit limit = { bytes, bytes };

	must(setrlimit(RLIMIT_AS, &limit) == 0, "set the limit");
}

int main(void)
{
	size_t bytes = 48u << 20;
	pthread_attr_t attr;
	pthread_t t;
	void *memory;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	limit_to(mapped_bytes() + (64u << 20));
	IS(0, pthread_create(&t, &attr, much_body, NULL));
	much_locking(0, 25);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	IS(1, memory != MAP_FAILED);
	thread_end(t);
	munmap(memory, bytes);

	limit_to(mapped_bytes());
	much_locking(0, 25);
	much_body(NULL);
	return 0;
}
