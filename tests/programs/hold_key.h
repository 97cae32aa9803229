/* SPDX-License-Identifier: MIT */
/*
 * Keeps threads inside hsearch(), which calls nothing of the program's.
 *
 * The key of an entry that is already in the table lies in a page of its
 * own.  With the page closed, a search that has to compare with it faults
 * inside the call; the handler waits until as many threads as asked for have
 * done the same, then opens the page, and the calls go on.
 *
 * "ab" and "qa" have the same hash value in glibc's hsearch (0x61 + 0x62 *
 * 16 = 0x71 + 0x61 * 16), and only then is a key compared; so entering "qa"
 * really is a write and really looks at the stored "ab".
 */
#ifndef TESTS_HOLD_KEY_H
#define TESTS_HOLD_KEY_H

#include <search.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "program.h"

static char *held_key; /* "ab" */
static int held_inside;
static int held_wanted;

static inline void held_fault(int signo)
{
	(void)signo;
	meet(&held_inside, held_wanted);
	mprotect(held_key, 4096, PROT_READ | PROT_WRITE);
}

static inline char *held_key_new(void)
{
	held_key = (char *)mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(held_key != MAP_FAILED, "map a page");
	strncpy(held_key, "ab", 4096);
	return held_key;
}

/* From here on, n threads have to be inside before one goes on. */
static inline void held_key_close(int n)
{
	struct sigaction sa = { 0 };

	sa.sa_handler = held_fault;
	/* a second thread may fault while the first is in the handler */
	sa.sa_flags = SA_NODEFER;
	sigaction(SIGSEGV, &sa, NULL);
	held_wanted = n;
	must(mprotect(held_key, 4096, PROT_NONE) == 0, "close the page");
}

#endif
