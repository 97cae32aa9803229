/* SPDX-License-Identifier: MIT */
/*
 * Durations in buckets.  Up to 15 ns a bucket is one value; from there on
 * each power of two has eight buckets, so that a quantile is at most an
 * eighth too large.
 */
#include "report/report.h"

#include <limits.h>

#define STEPS_LOG2 3u
#define STEPS	   (1u << STEPS_LOG2)

static unsigned bucket_of(uint64_t ns)
{
	unsigned log2, step;

	if (ns < STEPS)
		return (unsigned)ns;

	log2 = 63u - (unsigned)__builtin_clzll(ns);
	step = (unsigned)(ns >> (log2 - STEPS_LOG2)) & (STEPS - 1);
	return (log2 - STEPS_LOG2 + 1) * STEPS + step;
}

static uint64_t bucket_last_ns(unsigned bucket)
{
	unsigned shift;

	if (bucket < STEPS)
		return bucket;

	shift = bucket / STEPS - 1;
	return (((uint64_t)(STEPS + bucket % STEPS) + 1) << shift) - 1;
}

void durations_add(struct durations *d, uint64_t ns, uint16_t weight)
{
	uint32_t *bucket = &d->bucket[bucket_of(ns)];

	d->samples++;
	d->n += weight;
	d->sum_ns += ns * weight;
	if (ns > d->max_ns)
		d->max_ns = ns;
	if (__builtin_add_overflow(*bucket, weight, bucket))
		*bucket = UINT32_MAX;
}

/* What the samples add up to if each of them has the mean of all. */
static uint64_t sum_of_samples(const struct durations *d)
{
	__extension__ const unsigned __int128 sum = d->sum_ns;

	return d->n ? (uint64_t)(sum * d->samples / d->n) : 0;
}

struct duration_figures durations_figures(const struct durations *d)
{
	return (struct duration_figures){
		.n = d->samples,
		.sum_ns = sum_of_samples(d),
		.max_ns = d->max_ns,
		.p50_ns = durations_quantile(d, 0.5),
		.p99_ns = durations_quantile(d, 0.99),
	};
}

uint64_t durations_quantile(const struct durations *d, double q)
{
	const unsigned n_buckets = sizeof(d->bucket) / sizeof(d->bucket[0]);
	/* 0.07 * 100 is a little over 7: that is not the 8th. */
	double wanted = q * (double)d->n * (1 - 1e-12);
	uint64_t rank = (uint64_t)wanted;
	uint64_t seen = 0;

	if ((double)rank < wanted || rank == 0)
		rank++;

	for (unsigned i = 0; i < n_buckets && d->n; i++) {
		uint64_t last_ns = bucket_last_ns(i);

		seen += d->bucket[i];
		if (seen >= rank)
			return last_ns < d->max_ns ? last_ns : d->max_ns;
	}
	return d->max_ns;
}
