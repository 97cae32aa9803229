/* SPDX-License-Identifier: MIT */
/*
 * The trace's clock.  Stamps are for durations and pictures; no verdict and
 * no order rests on them.
 *
 * The time stamp counter is used where the processor says that it runs at one
 * rate in all sleep states (CPUID 0x80000007, EDX bit 8); elsewhere
 * CLOCK_MONOTONIC, through the vDSO.  A program that turns the counter off
 * for itself (seccomp's strict mode, PR_SET_TSC) stops the recording first:
 * see process_stop().
 */
#ifndef SHIM_CLOCK_H
#define SHIM_CLOCK_H

#include <stdbool.h>
#include <time.h>

#include "cmshim/trace.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

static inline uint64_t clock_monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline bool clock_has_tsc(void)
{
#if defined(__x86_64__)
	unsigned a, b, c, d = 0;

	return __get_cpuid(0x80000007u, &a, &b, &c, &d) && (d & (1u << 8));
#else
	return false;
#endif
}

/* Ticks of the trace's clock, which is kind (enum cmshim_clock). */
static inline uint64_t clock_ticks(uint32_t kind)
{
#if defined(__x86_64__)
	if (__builtin_expect(kind == CMSHIM_CLOCK_TSC, 1))
		return __rdtsc();
#endif
	(void)kind;
	return clock_monotonic_ns();
}

static inline struct cmshim_stamp clock_stamp(uint32_t kind)
{
	return (struct cmshim_stamp){ .ticks = clock_ticks(kind),
				      .monotonic_ns = clock_monotonic_ns() };
}

#endif
