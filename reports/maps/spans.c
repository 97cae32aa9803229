/* SPDX-License-Identifier: MIT */
#include "maps/spans.h"

#include <stdlib.h>

#define FIRST_SPAN_NS 1024u

static void fold(struct spans *s)
{
	for (size_t i = 0; i < N_SPANS / 2; i++)
		s->added[i] = s->added[2 * i] + s->added[2 * i + 1];
	for (size_t i = N_SPANS / 2; i < N_SPANS; i++)
		s->added[i] = 0;
	s->span_ns *= 2;
}

static void reach(struct spans *s, uint64_t time_ns)
{
	if (!s->span_ns)
		s->span_ns = FIRST_SPAN_NS;
	while (time_ns / s->span_ns >= N_SPANS)
		fold(s);
}

void spans_add(struct spans *s, uint64_t time_ns, int64_t n)
{
	reach(s, time_ns);
	s->added[time_ns / s->span_ns] += n;
	s->sum += n;
}

size_t spans_list(struct spans *s, uint64_t end_ns, uint64_t last,
		  uint64_t out[N_SPANS])
{
	int64_t now = (int64_t)last - s->sum;
	size_t n;

	reach(s, end_ns);
	n = (size_t)(end_ns / s->span_ns) + 1;
	for (size_t i = 0; i < N_SPANS; i++) {
		now += s->added[i];
		out[i < n ? i : n - 1] = now > 0 ? (uint64_t)now : 0;
	}
	return n;
}

static int by_value(const void *one, const void *other)
{
	const double *a = one, *b = other;

	return *a < *b ? -1 : *a > *b;
}

static double median_slope(const uint64_t *at, size_t n)
{
	double slopes[N_SPANS * (N_SPANS - 1) / 2];
	size_t n_slopes = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			slopes[n_slopes++] = ((double)at[j] - (double)at[i]) /
					     (double)(j - i);
	qsort(slopes, n_slopes, sizeof(*slopes), by_value);
	return slopes[n_slopes / 2];
}

bool spans_grow(const uint64_t *at, size_t n)
{
	size_t n_up = 0;

	while (n && !*at) {
		at++;
		n--;
	}
	if (n < MIN_SPANS || n > N_SPANS)
		return false;
	for (size_t i = 1; i < n; i++)
		n_up += at[i] > at[i - 1];
	return n_up * 10 >= (n - 1) * 9 && median_slope(at, n) > 0;
}
