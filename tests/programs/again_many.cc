/* SPDX-License-Identifier: MIT */
/*
 * A hundred thousand objects with a std::mutex, made, used and freed one
 * after the other, at a handful of addresses: as many locks, and a trace that
 * has 40 bytes for each.
 *
 * expect: nothing
 * locks: 100000
 * trace-max-bytes: 4500000
 */
#include <memory>
#include <mutex>

#include "program.h"

struct object {
	std::mutex lock;
	long value = 0;
};

static long sum;

static void use(int i)
{
	auto one = std::make_unique<object>();
	std::lock_guard<std::mutex> guard(one->lock);

	one->value += i;
	sum += one->value;
}

int main()
{
	for (int i = 0; i < 100000; i++)
		use(i);
	SHOW(sum);
	return 0;
}
