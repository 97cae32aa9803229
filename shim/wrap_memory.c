/* SPDX-License-Identifier: MIT */
/*
 * Memory that is given back, and with it what objects are in it: lives.h.
 *
 * free() is called more often than anything else here, so it costs a load and
 * a test or two where no object is near.  It is also called by everything that
 * we call: by dlsym() before the real one is known, by libc and libunwind out
 * of our own slow paths.  Nothing is recorded then, and without a real one the
 * block is lost.
 */
#include "wrap.h"

#include <sys/mman.h>

#include "lives.h"

static COLD void free_slowly(const void *frame, void *p)
{
	lives_block_freed(frame, p);
	if (REAL_IS_THERE(free))
		real.free(p);
}

EXPORT void free(void *p)
{
	if (unlikely(lives_in_block(p) || !real.free))
		free_slowly(FRAME, p);
	else
		real.free(p);
}

EXPORT void *realloc(void *p, size_t n)
{
	struct lives_move move;
	void *r;

	if (likely(!lives_in_block(p)))
		return PASS(realloc, (p, n));
	lives_move_begins(FRAME, &move, (uintptr_t)p, lives_block_bytes(p), n);
	r = PASS(realloc, (p, n));
	if (r)
		lives_moved(&move, r);
	return r;
}

/*
 * operator delete of an allocator that has one of its own, beside its free():
 * tcmalloc, jemalloc, mimalloc.  The C++ library's calls free(), which sees to
 * it; see hide_delete() in real.c.
 */
#define DELETE(name, params, args)                                         \
	EXPORT void name params                                            \
	{                                                                  \
		if (unlikely(real_malloc.has_delete) && lives_in_block(p)) \
			lives_block_freed(FRAME, p);                       \
		if (REAL_IS_THERE(name))                                   \
			real.name args;                                    \
	}

DELETE(_ZdlPv, (void *p), (p))
DELETE(_ZdlPvm, (void *p, size_t n), (p, n))
DELETE(_ZdlPvSt11align_val_t, (void *p, size_t align), (p, align))
DELETE(_ZdlPvmSt11align_val_t, (void *p, size_t n, size_t align), (p, n, align))
DELETE(_ZdlPvRKSt9nothrow_t, (void *p, const void *tag), (p, tag))
DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t,
       (void *p, size_t align, const void *tag), (p, align, tag))
DELETE(_ZdaPv, (void *p), (p))
DELETE(_ZdaPvm, (void *p, size_t n), (p, n))
DELETE(_ZdaPvSt11align_val_t, (void *p, size_t align), (p, align))
DELETE(_ZdaPvmSt11align_val_t, (void *p, size_t n, size_t align), (p, n, align))
DELETE(_ZdaPvRKSt9nothrow_t, (void *p, const void *tag), (p, tag))
DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t,
       (void *p, size_t align, const void *tag), (p, align, tag))

static size_t whole_pages(size_t n)
{
	return (n + 4095) & ~(size_t)4095;
}

EXPORT int munmap(void *p, size_t n)
{
	uintptr_t from = (uintptr_t)p;

	if (n && !(from & 4095) && from + n > from)
		lives_freed(FRAME, from, from + whole_pages(n));
	return PASS(munmap, (p, n));
}

/* mremap(2) is declared with an ellipsis: see prctl() in wrap_thread.c. */
EXPORT void *wrapped_mremap(void *p, size_t n, size_t to, int flags,
			    void *at) __asm__("mremap");

void *wrapped_mremap(void *p, size_t n, size_t to, int flags, void *at)
{
	struct lives_move move;
	void *r;

	lives_move_begins(FRAME, &move, (uintptr_t)p, whole_pages(n),
			  whole_pages(to));
	r = PASS(mremap, (p, n, to, flags, at));
	if (r != MAP_FAILED)
		lives_moved(&move, r);
	return r;
}
