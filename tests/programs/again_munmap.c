/* SPDX-License-Identifier: MIT */
/*
 * Two locks in a mapping that is unmapped, one that is moved away by
 * mremap(), and others in what is mapped there next.
 *
 * expect: nothing
 */
#include <sys/mman.h>

#include "again_there.h"

#define BYTES (64 << 10)

/* Where the kernel maps nothing of its own accord: what is unmapped there
   stays free until it is mapped again. */
#define FAR_AWAY ((char *)0x100000000000)

static char *map(void *at)
{
	return mmap(at, BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
}

int main(void)
{
	char *one = map(FAR_AWAY), *two, *away;

	pair_threads();
	must(one != MAP_FAILED, "map");
	pair_use(pair_begin(one + 4096));
	/* Not theirs. */
	FAILS(EINVAL, munmap(one + 1, BYTES));
	IS(0, munmap(one, BYTES));
	two = map(one);
	must(two == one, "map it there again");
	pair_use(pair_begin(two + 4096));

	/* The same, moved.  The order of turns begins anew. */
	away = mmap(NULL, BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(mremap(two, BYTES, BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, away) ==
		     away,
	     "move it");
	must(map(one) == one, "map it there again");
	turn_restart();
	pair_threads();
	pair_use(pair_begin(one + 4096));
	IS(0, munmap(one, BYTES));
	must(map(one) == one, "map it there again");
	pair_use(pair_begin(one + 4096));
	return 0;
}
