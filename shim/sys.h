/* SPDX-License-Identifier: MIT */
/*
 * System calls, made directly.
 *
 * The recorder does not call libc's wrappers for them: those set errno, may
 * be cancellation points, and may be replaced by the program.  What comes
 * back is the kernel's own: a value, or a negative errno value.
 *
 * Async-signal-safe, all of it.  One of the few files that know the machine.
 */
#ifndef SHIM_SYS_H
#define SHIM_SYS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
static inline long sys_call6(long number, long a, long b, long c, long d,
			     long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10),
			   "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
static inline long sys_call6(long number, long a, long b, long c, long d,
			     long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}
#else
#error "system calls of this machine are to be added here"
#endif

#define sys_call3(number, a, b, c) \
	sys_call6(number, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define sys_call4(number, a, b, c, d) \
	sys_call6(number, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

/* Whether a pointer-valued call failed. */
static inline int sys_failed(const void *address)
{
	return (uintptr_t)address > (uintptr_t)-4096;
}

static inline void *sys_mmap(size_t bytes, int prot, int flags, int fd,
			     uint64_t offset)
{
	return (void *)sys_call6(SYS_mmap, 0, (long)bytes, prot, flags, fd,
				 (long)offset);
}

/*
 * Private zeroed memory; with wipe, a forked child finds it zeroed again.
 * NULL if there is none.  A kernel that cannot wipe gives none either: a
 * child must not take its parent's state for its own.
 */
static inline void *sys_memory(size_t bytes, int wipe)
{
	void *p = sys_mmap(bytes, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (sys_failed(p))
		return NULL;
	if (wipe && sys_call3(SYS_madvise, p, bytes, MADV_WIPEONFORK) < 0) {
		sys_call3(SYS_munmap, p, bytes, 0);
		return NULL;
	}
	return p;
}

static inline void sys_unmap(void *p, size_t bytes)
{
	sys_call3(SYS_munmap, p, bytes, 0);
}

#endif
