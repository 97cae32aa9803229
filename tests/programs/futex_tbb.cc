/* SPDX-License-Identifier: MIT */
/*
 * Iterations of a parallel loop want one tbb::mutex, each for 2 ms.
 *
 * packages: libtbb-dev
 * build: -std=c++17 -pthread -ltbb
 * expect: perf-futex
 */
#include <chrono>
#include <cstdio>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/mutex.h>
#include <oneapi/tbb/parallel_for.h>
#include <thread>

using namespace std::chrono_literals;

static tbb::mutex mutex;
static int n;

int main()
{
	/* On a machine with one processor there would be one thread. */
	tbb::global_control threads(
		tbb::global_control::max_allowed_parallelism, 3);

	tbb::parallel_for(
		0, 60,
		[](int) {
			{
				tbb::mutex::scoped_lock held(mutex);
				std::this_thread::sleep_for(2ms);
				n++;
			}
			std::this_thread::sleep_for(100us);
		},
		tbb::simple_partitioner());
	std::printf("%d\n", n);
	return 0;
}
