/* SPDX-License-Identifier: MIT */
/*
 * Locks at ever new addresses: pages of them, one behind the other, which two
 * threads use in turns.
 */
#ifndef TESTS_LINES_H
#define TESTS_LINES_H

#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "program.h"

#ifndef PAGE_BYTES
#define PAGE_BYTES 4096
#endif
#define PAGE_LOCKS (PAGE_BYTES / 64)

struct page {
	pthread_mutex_t locks[PAGE_LOCKS];
};

static pthread_barrier_t turn;
static struct page *_Atomic lines_page;

static inline void lines_use(struct page *p)
{
	for (int i = 0; i < PAGE_LOCKS; i++) {
		must(pthread_mutex_lock(&p->locks[i]) == 0, "lock");
		must(pthread_mutex_unlock(&p->locks[i]) == 0, "unlock");
	}
}

static inline void *lines_user(void *unused)
{
	struct page *p;

	for (;;) {
		pthread_barrier_wait(&turn);
		p = lines_page;
		if (!p)
			return unused;
		lines_use(p);
		pthread_barrier_wait(&turn);
	}
}

/* ended: whether a page is given back when it was used. */
static inline void lines_go_through(int n_pages, int ended)
{
	char *all = mmap(NULL, (size_t)n_pages * PAGE_BYTES, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	pthread_t t;

	must(all != MAP_FAILED, "get addresses");
	pthread_barrier_init(&turn, NULL, 2);
	t = thread_start(lines_user, NULL);
	for (int i = 0; i < n_pages; i++) {
		void *at = all + (size_t)i * PAGE_BYTES;

		must(mprotect(at, PAGE_BYTES, PROT_READ | PROT_WRITE) == 0,
		     "get a page");
		lines_use(at);
		lines_page = at;
		pthread_barrier_wait(&turn);
		pthread_barrier_wait(&turn);
		if (ended)
			must(munmap(at, PAGE_BYTES) == 0, "give it back");
	}
	lines_page = NULL;
	pthread_barrier_wait(&turn);
	thread_end(t);
}

/* The recorder has little room where the address space is limited; it is when
   it begins that this is looked at. */
static inline void lines_limited(int argc, char **argv)
{
	static char word[] = "limited";
	char *again[] = { argv[0], word, NULL };
	struct rlimit limit;

	if (argc > 1 && strcmp(argv[1], word) == 0)
		return;
	getrlimit(RLIMIT_AS, &limit);
	limit.rlim_cur = (rlim_t)4 << 30;
	must(setrlimit(RLIMIT_AS, &limit) == 0, "set a limit");
	execv(argv[0], again);
	must(0, "become the second program");
}

#endif
